/* SPDX-License-Identifier: MIT */
#include "lib/kernel/network.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "lib/base/fd.h"
#include "lib/base/part.h"
#include "lib/kernel/netlink_part.h"

int network_loopback_up(struct err *err)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	cleanup_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_sys(err, errno, "cannot make a socket to bring up lo");
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return err_sys(err, errno, "cannot bring up lo");
	return 0;
}

/* What the worker needs; it has its own copy of all of it since the fork. */
struct worker {
	const struct network_request *request;
	int result; /* write end */
};

static int connect_in_worker(void *argument, struct err *err)
{
	const struct worker *worker = argument;
	struct network_result result = { 0 };

	netlink_connect_fn *netlink_connect = (netlink_connect_fn *)part_load(
	    worker->request->libexec_dir, NETLINK_PART_FILE, NETLINK_PART_SYMBOL, NULL, err);
	if (!netlink_connect)
		return -err->code;
	int r = netlink_connect(worker->request, &result, err);
	if (r < 0)
		return r;
	r = fd_write_all(worker->result, &result, sizeof(result));
	return r < 0 ? err_sys(err, -r, "cannot hand back the addresses") : 0;
}

int network_connect_start(
    struct network_work *work, const struct network_request *request, struct err *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(err, errno, "cannot make a pipe");
	cleanup_fd int read_end = ends[0];
	cleanup_fd int write_end = ends[1];
	struct worker worker = { .request = request, .result = write_end };
	struct child child = CHILD_INIT;
	int r = child_start(&child, connect_in_worker, &worker, err);
	if (r < 0)
		return r;
	*work = (struct network_work){ .child = child, .result = take_fd(&read_end) };
	return 0;
}

int network_connect_wait(struct network_work *work, struct network_result *ret, struct err *err)
{
	cleanup_fd int result_fd = take_fd(&work->result);
	struct network_result result;

	if (result_fd < 0)
		return err_say(err, EINVAL, "the network was not being connected");
	int r = child_wait(&work->child, err);
	if (r < 0)
		return r;
	/* One write of less than PIPE_BUF bytes: all of it is there, or the worker failed. */
	if (read(result_fd, &result, sizeof(result)) != sizeof(result))
		return err_say(err, EIO, "the network part did not say what it connected");
	*ret = result;
	return 0;
}
