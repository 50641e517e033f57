/* SPDX-License-Identifier: MIT */
/*
 * Connecting network namespaces to bridges. Every test has a network namespace of its own as its
 * "host"; the jails are processes that do nothing but hold another one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/child.h"
#include "lib/base/fd.h"
#include "lib/kernel/network.h"

/* A lost first packet costs a second: TCP, ARP and neighbour discovery all repeat after that. */
#define AT_ONCE_MS 500

static char *libexec_dir;
static int host; /* the network namespace of the running test */

/* Leases, as the workers of all tests' connections see them. */
struct leases {
	int lock;
	unsigned count;
	char addresses[256][INET6_ADDRSTRLEN];
};

static struct leases *leases;

static int claim(void *data, const char *bridge, const char *address, bool fresh, struct err *err)
{
	unsigned i = 0;
	int r = 0;

	(void)data;
	(void)bridge;
	(void)fresh;
	while (__atomic_exchange_n(&leases->lock, 1, __ATOMIC_ACQUIRE))
		sched_yield();
	while (i < leases->count && strcmp(leases->addresses[i], address) != 0)
		i++;
	if (i < leases->count)
		r = err_say(err, EADDRINUSE, "is taken by the container other");
	else
		snprintf(leases->addresses[leases->count++], INET6_ADDRSTRLEN, "%s", address);
	__atomic_store_n(&leases->lock, 0, __ATOMIC_RELEASE);
	return r;
}

/* ---- namespaces */

static void enter(int netns)
{
	if (setns(netns, CLONE_NEWNET) < 0)
		fail_msg("setns: %s", strerror(errno));
}

static int own_netns(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* The output of a shell command in a network namespace, in a buffer that the next call reuses. */
__attribute__((format(printf, 2, 3))) static const char *output(int netns, const char *fmt, ...)
{
	static char text[16384];
	char command[1024];
	char *const argv[] = { "/bin/sh", "-c", command, NULL };
	struct err err = ERR_INIT;
	char *captured = NULL;
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	enter(netns);
	int r = child_capture(argv, sizeof(text) - 1, &captured, &err);
	enter(host);
	if (r < 0)
		fail_msg("%s: %s", command, err.text);
	snprintf(text, sizeof(text), "%s", captured);
	free(captured);
	return text;
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" lacks \"%s\"", text, part);
}

static void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" has \"%s\"", text, part);
}

/* What the stage "proc" sees to in a jail. */
#define ALLOW_PING "echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range"

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	host = own_netns();
	leases->count = 0;
	assert_int_equal(network_loopback_up(NULL), 0);
	output(host, ALLOW_PING);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	host = fd_close(host);
	return 0;
}

static void make_lab(const char *name)
{
	output(host,
	    "ip link add %s type bridge && ip address add 192.168.2.1/24 dev %s && "
	    "ip address add fd00:2::1/64 dev %s nodad && ip link set %s mtu 1400 up",
	    name, name, name, name);
}

/* ---- jails */

struct jail {
	pid_t pid;
	char name[16];
	int netns;
	struct network_result result;
};

static _Noreturn void hold_namespace(int ready)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || unshare(CLONE_NEWNET) < 0 ||
	    network_loopback_up(NULL) < 0 || write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static struct jail jail_start(void)
{
	struct jail jail = { .pid = -1, .netns = -1 };
	char path[64], byte;
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	jail.pid = fork();
	assert_true(jail.pid >= 0);
	if (jail.pid == 0)
		hold_namespace(ends[1]);
	fd_close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	fd_close(ends[0]);
	snprintf(jail.name, sizeof(jail.name), "jail-%d", jail.pid);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", jail.pid);
	jail.netns = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(jail.netns >= 0);
	output(jail.netns, ALLOW_PING);
	return jail;
}

static void jail_end(struct jail *jail)
{
	assert_int_equal(kill(jail->pid, SIGKILL), 0);
	assert_int_equal(waitpid(jail->pid, NULL, 0), jail->pid);
	jail->netns = fd_close(jail->netns);
}

static struct spec_address ip(const char *text, unsigned prefix)
{
	struct spec_address address = { .family = strchr(text, ':') ? AF_INET6 : AF_INET,
		.prefix = prefix };

	assert_int_equal(inet_pton(address.family, text, &address.ip), 1);
	return address;
}

static const char *text_of(const struct spec_address *address, char text[INET6_ADDRSTRLEN])
{
	assert_non_null(inet_ntop(address->family, &address->ip, text, INET6_ADDRSTRLEN));
	return text;
}

/* Network bridge, with these addresses of the form "192.168.2.17" (/24) or "fd00:2::17" (/64). */
static struct spec_network on(const char *bridge, const char *v4, const char *v6)
{
	struct spec_network network = { .mode = NETWORK_BRIDGE };

	snprintf(network.bridge, sizeof(network.bridge), "%s", bridge);
	if (v4)
		network.addresses[network.address_count++] = ip(v4, 24);
	if (v6)
		network.addresses[network.address_count++] = ip(v6, 64);
	return network;
}

static struct network_request request_of(
    const struct jail *jail, const struct spec_network *network)
{
	return (struct network_request){ .network = network,
		.netns = jail->netns,
		.name = jail->name,
		.init = jail->pid,
		.libexec_dir = libexec_dir,
		.claim = claim };
}

static int connect_with(
    const struct network_request *request, struct network_result *ret, struct err *err)
{
	struct network_work work = NETWORK_WORK_INIT;
	int r = network_connect_start(&work, request, err);

	return r < 0 ? r : network_connect_wait(&work, ret, err);
}

static struct jail jail_on(const struct spec_network *network)
{
	struct jail jail = jail_start();
	struct network_request request = request_of(&jail, network);
	struct err err = ERR_INIT;

	if (connect_with(&request, &jail.result, &err) < 0)
		fail_msg("cannot connect: %s", err.text);
	return jail;
}

static bool interface_is_there(const char *name)
{
	return strstr(output(host, "ip -br link"), name) != NULL;
}

/* The kernel takes a namespace down some time after its last process, which answers till then. */
static void assert_goes(const char *name)
{
	for (int i = 0; i < 500 && interface_is_there(name); i++)
		usleep(10 * 1000);
	assert_false(interface_is_there(name));
}

/* ---- packets */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static socklen_t sockaddr_of(
    const struct spec_address *address, uint16_t port, struct sockaddr_storage *ret)
{
	if (address->family == AF_INET) {
		struct sockaddr_in v4 = {
			.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = address->ip.v4
		};
		memcpy(ret, &v4, sizeof(v4));
		return sizeof(v4);
	}
	struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = address->ip.v6
	};
	memcpy(ret, &v6, sizeof(v6));
	return sizeof(v6);
}

static int socket_in(int netns, int family, int type, int protocol)
{
	const struct timeval timeout = { .tv_sec = 3 };

	enter(netns);
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);
	int errnum = errno;
	enter(host);
	if (fd < 0)
		fail_msg("socket: %s", strerror(errnum));
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)), 0);
	return fd;
}

/* Ping without any privilege; the milliseconds until the answer, or -1. */
static int ping(int netns, const struct spec_address *target)
{
	bool v4 = target->family == AF_INET;
	struct icmphdr request = { .type = v4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST };
	struct icmphdr reply = { .type = 0 };
	struct sockaddr_storage to;
	socklen_t size = sockaddr_of(target, 0, &to);

	int fd = socket_in(
	    netns, target->family, SOCK_DGRAM, v4 ? (int)IPPROTO_ICMP : (int)IPPROTO_ICMPV6);
	uint64_t start = now_ms();
	bool answered = sendto(fd, &request, sizeof(request), 0, (void *)&to, size) > 0 &&
			recv(fd, &reply, sizeof(reply), 0) >= (ssize_t)sizeof(reply) &&
			reply.type == (v4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY);
	fd_close(fd);
	return answered ? (int)(now_ms() - start) : -1;
}

static int assert_pings(int netns, const struct spec_address *target)
{
	char text[INET6_ADDRSTRLEN];
	int ms = ping(netns, target);

	if (ms < 0)
		fail_msg("ping %s: no answer", text_of(target, text));
	return ms;
}

/* Where it is the first packet that counts, which the kernel sends again only a second later. */
static void assert_pings_at_once(int netns, const struct spec_address *target)
{
	assert_true(assert_pings(netns, target) < AT_ONCE_MS);
}

/* A connection from one namespace to the other, a word there and a word back. */
static void assert_speak_tcp(int from, int to, const struct spec_address *server_address)
{
	int server = socket_in(to, server_address->family, SOCK_STREAM, 0);
	int client = socket_in(from, server_address->family, SOCK_STREAM, 0);
	struct sockaddr_storage at;
	socklen_t size = sockaddr_of(server_address, 7000, &at);
	char word[6] = "";

	assert_int_equal(bind(server, (void *)&at, size), 0);
	assert_int_equal(listen(server, 1), 0);
	if (connect(client, (void *)&at, size) < 0)
		fail_msg("connect: %s", strerror(errno));
	int accepted = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	assert_true(accepted >= 0);
	assert_int_equal(send(client, "there", 6, 0), 6);
	assert_int_equal(recv(accepted, word, sizeof(word), MSG_WAITALL), 6);
	assert_string_equal(word, "there");
	assert_int_equal(send(accepted, "back!", 6, 0), 6);
	assert_int_equal(recv(client, word, sizeof(word), MSG_WAITALL), 6);
	assert_string_equal(word, "back!");
	fd_close(accepted);
	fd_close(client);
	fd_close(server);
}

/* ---- tests */

static void loopback_comes_up(void **state)
{
	struct spec_address v4 = ip("127.0.0.1", 8), v6 = ip("::1", 128);

	(void)state;
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	int fresh = own_netns();
	enter(host);
	assert_has(output(fresh, "ip -br link"), "DOWN");
	enter(fresh);
	assert_int_equal(network_loopback_up(NULL), 0);
	enter(host);
	assert_speak_tcp(fresh, fresh, &v4);
	assert_speak_tcp(fresh, fresh, &v6);
	fd_close(fresh);
}

static void makes_contain0_on_demand(void **state)
{
	struct spec_network network = { .mode = NETWORK_BRIDGE };
	char v4[INET6_ADDRSTRLEN], v6[INET6_ADDRSTRLEN], line[128];

	(void)state;
	assert_lacks(output(host, "ip -br link"), "contain0");
	struct jail jail = jail_on(&network);
	assert_has(output(host, "ip -4 -o address show dev contain0"), "10.97.0.1/16");
	assert_has(output(host, "ip -6 -o address show dev contain0"), "fd97:c0a1::1/64");
	assert_has(output(host, "ip -d link show contain0"), "stp_state 0");
	assert_has(output(host, "ip link show contain0"), ",UP");
	/* its own hardware address, not that of a port */
	assert_has(output(host, "ip link show contain0"), "link/ether 02:c0:0a:61:00:01");
	/* the others listen to routers as before, although the host forwards */
	assert_string_equal(output(host, "cat /proc/sys/net/ipv6/conf/default/accept_ra"), "2\n");
	assert_string_equal(output(host, "cat /proc/sys/net/ipv6/conf/contain0/accept_ra"), "0\n");

	assert_int_equal(jail.result.address_count, 2);
	assert_int_equal(jail.result.addresses[0].prefix, 16);
	assert_int_equal(jail.result.addresses[1].prefix, 64);
	text_of(&jail.result.addresses[0], v4);
	text_of(&jail.result.addresses[1], v6);
	assert_int_equal(strncmp(v4, "10.97.", 6), 0);
	assert_int_equal(strncmp(v6, "fd97:c0a1::", 11), 0);
	assert_int_equal(leases->count, 2);
	assert_string_equal(leases->addresses[0], v4);
	assert_string_equal(leases->addresses[1], v6);

	/* exactly that, and no more */
	snprintf(line, sizeof(line), "%s/16\n%s/64\n", v4, v6);
	assert_string_equal(
	    output(jail.netns, "ip -o address show dev eth0 | awk '{ print $4 }'"), line);
	assert_string_equal(
	    output(jail.netns, "ip -o link | sed -E 's/^[0-9]+: ([^:@]+).*/\\1/'"), "lo\neth0\n");
	assert_has(output(jail.netns, "ip route"), "default via 10.97.0.1 dev eth0");
	assert_has(output(jail.netns, "ip -6 route"), "default via fd97:c0a1::1 dev eth0");
	assert_string_equal(
	    output(jail.netns, "cat /proc/sys/net/ipv6/conf/eth0/accept_ra"), "0\n");
	jail_end(&jail);
}

/* The very first packet in either direction, on a bridge that has just got its first port. */
static void the_first_packet_arrives(void **state)
{
	struct spec_network network = { .mode = NETWORK_BRIDGE };
	struct spec_address gateway4 = ip("10.97.0.1", 16), gateway6 = ip("fd97:c0a1::1", 64);

	(void)state;
	struct jail first = jail_on(&network);
	assert_pings_at_once(first.netns, &gateway4);
	struct jail second = jail_on(&network);
	assert_pings_at_once(second.netns, &gateway6);
	struct jail third = jail_on(&network);
	assert_pings_at_once(host, &third.result.addresses[0]);
	struct jail fourth = jail_on(&network);
	assert_pings_at_once(host, &fourth.result.addresses[1]);
	struct jail fifth = jail_on(&network);
	assert_pings_at_once(first.netns, &fifth.result.addresses[0]);
	assert_pings_at_once(first.netns, &fifth.result.addresses[1]);
	jail_end(&first);
	jail_end(&second);
	jail_end(&third);
	jail_end(&fourth);
	jail_end(&fifth);
}

static void uses_a_bridge_as_it_is(void **state)
{
	struct spec_network network = on("lab0", "192.168.2.17", "fd00:2::17");
	char before[4096];

	(void)state;
	make_lab("lab0");
	snprintf(
	    before, sizeof(before), "%s", output(host, "ip -o address show dev lab0 scope global"));
	struct jail jail = jail_on(&network);
	assert_string_equal(output(host, "ip -o address show dev lab0 scope global"), before);
	assert_lacks(output(host, "ip -br link"), "contain0");
	assert_string_equal(output(jail.netns, "ip -o address show dev eth0 | awk '{ print $4 }'"),
	    "192.168.2.17/24\nfd00:2::17/64\n");
	assert_has(output(jail.netns, "ip -4 -o address show dev eth0"), "brd 192.168.2.255");
	assert_has(output(jail.netns, "ip link show eth0"), "mtu 1400");
	assert_has(output(host, "ip link show %s", jail.result.host_interface), "mtu 1400");
	assert_has(output(host, "ip link show %s", jail.result.host_interface), "master lab0");
	assert_string_equal(
	    output(host, "ip -6 -o address show dev %s", jail.result.host_interface), "");
	assert_has(output(jail.netns, "ip route"), "default via 192.168.2.1 dev eth0");
	assert_has(output(jail.netns, "ip -6 route"), "default via fd00:2::1 dev eth0");
	jail_end(&jail);
}

static void two_jails_speak(void **state)
{
	struct spec_network one = on("lab0", "192.168.2.17", "fd00:2::17");
	struct spec_network two = on("lab0", "192.168.2.18", "fd00:2::18");
	struct spec_address gateway4 = ip("192.168.2.1", 24), gateway6 = ip("fd00:2::1", 64);
	struct spec_address nobody = ip("192.168.2.99", 24);

	(void)state;
	make_lab("lab0");
	struct jail first = jail_on(&one), second = jail_on(&two);
	for (unsigned i = 0; i < 2; i++) {
		assert_pings(first.netns, &second.result.addresses[i]);
		assert_pings(second.netns, &first.result.addresses[i]);
		assert_speak_tcp(first.netns, second.netns, &second.result.addresses[i]);
		assert_speak_tcp(second.netns, first.netns, &first.result.addresses[i]);
	}
	assert_pings(second.netns, &gateway4);
	assert_pings(second.netns, &gateway6);
	assert_speak_tcp(second.netns, host, &gateway4);
	assert_speak_tcp(second.netns, host, &gateway6);
	assert_int_equal(ping(second.netns, &nobody), -1);
	jail_end(&first);
	jail_end(&second);
}

static void one_family_is_enough(void **state)
{
	struct spec_network v4_only = on("lab0", "192.168.2.17", NULL);
	struct spec_network v6_only = on("lab0", NULL, "fd00:2::18");
	struct spec_address gateway4 = ip("192.168.2.1", 24), gateway6 = ip("fd00:2::1", 64);

	(void)state;
	make_lab("lab0");
	struct jail four = jail_on(&v4_only), six = jail_on(&v6_only);
	assert_string_equal(output(four.netns, "ip -6 -o address show dev eth0"), "");
	assert_string_equal(output(four.netns, "ip -6 route show default"), "");
	assert_string_equal(output(six.netns, "ip -4 -o address show dev eth0"), "");
	assert_string_equal(output(six.netns, "ip -4 route show default"), "");
	assert_pings(four.netns, &gateway4);
	assert_pings(six.netns, &gateway6);
	jail_end(&four);
	jail_end(&six);
}

/* A /32 has no neighbours, and still a gateway. */
static void the_gateway_may_lie_outside_of_the_prefix(void **state)
{
	struct spec_network network = on("lab0", "192.168.2.17", "fd00:2::17");
	struct spec_address gateway4 = ip("192.168.2.1", 24), gateway6 = ip("fd00:2::1", 64);

	(void)state;
	network.addresses[0].prefix = 32;
	network.addresses[1].prefix = 128;
	make_lab("lab0");
	struct jail jail = jail_on(&network);
	assert_pings(jail.netns, &gateway4);
	assert_pings(jail.netns, &gateway6);
	jail_end(&jail);
}

/* The other jail keeps the bridge's carrier: the host would forget its neighbours without one. */
static void the_same_address_again_is_reached_at_once(void **state)
{
	struct spec_network network = on("lab0", "192.168.2.17", "fd00:2::17");
	struct spec_network other = on("lab0", "192.168.2.18", "fd00:2::18");

	(void)state;
	make_lab("lab0");
	struct jail neighbour = jail_on(&other), first = jail_on(&network);
	for (unsigned i = 0; i < 2; i++) {
		assert_pings_at_once(host, &first.result.addresses[i]);
		assert_pings_at_once(neighbour.netns, &first.result.addresses[i]);
	}
	jail_end(&first);
	assert_goes(first.result.host_interface);
	leases->count = 0;
	struct jail second = jail_on(&network);
	for (unsigned i = 0; i < 2; i++) {
		assert_pings_at_once(host, &second.result.addresses[i]);
		assert_pings_at_once(neighbour.netns, &second.result.addresses[i]);
	}
	jail_end(&second);
	jail_end(&neighbour);
}

static void the_veth_goes_with_the_jail(void **state)
{
	struct spec_network network = { .mode = NETWORK_BRIDGE };
	char name[IFNAMSIZ];

	(void)state;
	struct jail jail = jail_on(&network);
	memcpy(name, jail.result.host_interface, sizeof(name));
	assert_true(interface_is_there(name));
	jail_end(&jail);
	assert_goes(name);
	assert_true(interface_is_there("contain0"));
}

static void a_name_that_is_taken_is_left_alone(void **state)
{
	struct spec_network network = { .mode = NETWORK_BRIDGE };
	struct jail jail = jail_start();
	struct network_request request = request_of(&jail, &network);
	struct err err = ERR_INIT;
	char name[32], before[2048];

	(void)state;
	snprintf(name, sizeof(name), "ct%d", jail.pid);
	output(host, "ip link add %s type bridge", name);
	snprintf(before, sizeof(before), "%s", output(host, "ip -d -o link show %s", name));
	if (connect_with(&request, &jail.result, &err) < 0)
		fail_msg("cannot connect: %s", err.text);
	assert_string_not_equal(jail.result.host_interface, name);
	assert_true(interface_is_there(jail.result.host_interface));
	assert_string_equal(output(host, "ip -d -o link show %s", name), before);
	jail_end(&jail);
}

#define MAKERS 8

static void several_make_contain0_at_once(void **state)
{
	struct spec_network network = { .mode = NETWORK_BRIDGE };
	struct network_work work[MAKERS];
	struct network_request requests[MAKERS];
	struct jail jails[MAKERS];
	struct err err = ERR_INIT;

	(void)state;
	for (int round = 0; round < 10; round++) {
		leases->count = 0;
		for (int i = 0; i < MAKERS; i++) {
			jails[i] = jail_start();
			requests[i] = request_of(&jails[i], &network);
		}
		for (int i = 0; i < MAKERS; i++)
			assert_int_equal(network_connect_start(&work[i], &requests[i], &err), 0);
		for (int i = 0; i < MAKERS; i++) {
			if (network_connect_wait(&work[i], &jails[i].result, &err) < 0)
				fail_msg("round %d, maker %d: %s", round, i, err.text);
			assert_int_equal(jails[i].result.address_count, 2);
		}
		assert_int_equal(leases->count, 2 * MAKERS);
		assert_string_equal(output(host, "ip -o link show type bridge | wc -l"), "1\n");
		assert_string_equal(
		    output(host, "ip -o address show dev contain0 scope global | wc -l"), "2\n");
		for (int i = 0; i < MAKERS; i++)
			jail_end(&jails[i]);
		output(host, "ip link del contain0");
	}
}

/* Half made by somebody who was killed: no address, or not up. */
static void finishes_what_another_began(void **state)
{
	struct spec_network network = { .mode = NETWORK_BRIDGE };
	static const char *const beginnings[] = {
		"ip link add contain0 type bridge",
		"ip link add contain0 type bridge && ip address add 10.97.0.1/16 dev contain0",
		"ip link add contain0 type bridge && ip link set contain0 up",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		output(host, "%s", beginnings[i]);
		struct jail jail = jail_on(&network);
		assert_int_equal(jail.result.address_count, 2);
		assert_string_equal(
		    output(host, "ip -o address show dev contain0 scope global | wc -l"), "2\n");
		jail_end(&jail);
		output(host, "ip link del contain0");
	}
}

static void an_administrators_contain0_is_used_as_it_is(void **state)
{
	struct spec_network network = { .mode = NETWORK_BRIDGE };
	struct spec_address gateway = ip("172.30.0.1", 24);

	(void)state;
	output(host, "ip link add contain0 type bridge && ip link set contain0 up && "
		     "ip address add 172.30.0.1/24 dev contain0");
	struct jail jail = jail_on(&network);
	assert_int_equal(jail.result.address_count, 1);
	assert_int_equal(jail.result.addresses[0].prefix, 24);
	assert_string_equal(
	    output(host, "ip -o address show dev contain0 scope global | wc -l"), "1\n");
	assert_pings(jail.netns, &gateway);
	jail_end(&jail);
}

static void works_without_ipv6_on_the_host(void **state)
{
	struct spec_network network = { .mode = NETWORK_BRIDGE };
	struct spec_address gateway = ip("10.97.0.1", 16);

	(void)state;
	output(host, "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
	struct jail jail = jail_on(&network);
	assert_int_equal(jail.result.address_count, 1);
	assert_int_equal(jail.result.addresses[0].family, AF_INET);
	assert_pings(jail.netns, &gateway);
	jail_end(&jail);
}

static void assert_refused(const struct spec_network *network, int errnum, const char *message)
{
	struct jail jail = jail_start();
	struct network_request request = request_of(&jail, network);
	struct network_result result = { .address_count = 77 };
	struct err err = ERR_INIT;

	int r = connect_with(&request, &result, &err);
	if (r != -errnum || !strstr(err.text, message))
		fail_msg("%d \"%s\" instead of %d \"%s\"", r, err.text, -errnum, message);
	assert_int_equal(result.address_count, 77);
	assert_lacks(output(host, "ip -br link"), "ct");
	assert_lacks(output(jail.netns, "ip -br link"), "eth0");
	jail_end(&jail);
}

static void refusals_name_what_is_wrong(void **state)
{
	struct spec_network good = on("lab0", "192.168.2.17", "fd00:2::17");
	const struct {
		struct spec_network network;
		int errnum;
		const char *message;
	} cases[] = {
		{ on("nobridge", "192.168.2.17", NULL), ENODEV,
		    "--bridge nobridge: there is no such interface" },
		{ on("veth7", "192.168.2.17", NULL), EINVAL,
		    "--bridge veth7: is of type veth, not a bridge" },
		{ on("lo", "192.168.2.17", NULL), EINVAL,
		    "--bridge lo: is a plain interface, not a bridge" },
		{ on("down0", "192.168.2.17", NULL), ENETDOWN,
		    "--bridge down0: is down: bring it up first" },
		{ on("bare0", NULL, NULL), EADDRNOTAVAIL, "--bridge bare0: has no address" },
		{ on("lab0", "192.168.3.17", NULL), EINVAL,
		    "--network-address 192.168.3.17/24: is in no subnet of the bridge lab0" },
		{ on("lab0", "192.168.2.0", NULL), EINVAL, "is the network address" },
		{ on("lab0", "192.168.2.255", NULL), EINVAL, "is the broadcast address" },
		{ on("lab0", "192.168.2.1", NULL), EADDRINUSE, "is the gateway" },
		{ on("lab0", NULL, "fd00:2::1"), EADDRINUSE, "is the gateway" },
		{ on("lab0", NULL, "fd00:3::17"), EINVAL,
		    "--network-address fd00:3::17/64: is in no subnet" },
		{ on("lab0", "192.168.2.77", NULL), EADDRINUSE,
		    "--network-address 192.168.2.77/24: is taken by the container other" },
		{ on("", "192.168.2.17", NULL), EINVAL,
		    "is in no subnet of the bridge contain0: give an address in 10.97.0.0/16, "
		    "fd97:c0a1::/64" },
	};

	(void)state;
	make_lab("lab0");
	output(host,
	    "ip link add bare0 type bridge && ip link set bare0 up && "
	    "ip link add down0 type bridge && ip link add veth7 type veth peer name veth8");
	snprintf(leases->addresses[leases->count++], INET6_ADDRSTRLEN, "192.168.2.77");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_refused(&cases[i].network, cases[i].errnum, cases[i].message);
	/* what was refused was not made either */
	assert_lacks(output(host, "ip -br link"), "contain0");
	struct jail jail = jail_on(&good);
	jail_end(&jail);
}

static void contain0_may_be_something_else(void **state)
{
	struct spec_network network = { .mode = NETWORK_BRIDGE };

	(void)state;
	output(host, "ip link add contain0 type veth peer name other");
	assert_refused(
	    &network, EINVAL, "contain0 is in the way: it is of type veth, not a bridge");
	output(host, "ip link del contain0");
	struct jail jail = jail_on(&network);
	jail_end(&jail);
}

static void a_used_up_subnet_is_an_error(void **state)
{
	struct spec_network network = on("tiny0", NULL, NULL);

	(void)state;
	output(host, "ip link add tiny0 type bridge && ip address add 10.1.1.1/30 dev tiny0 && "
		     "ip link set tiny0 up");
	struct jail only = jail_on(&network);
	jail_end(&only);
	assert_goes("ct");
	assert_refused(
	    &network, EADDRINUSE, "the bridge tiny0 has no free IPv4 address left in 10.1.1.0/30");
}

/* A switch without an address of its own: the jails reach each other, and have no gateway. */
static void a_bridge_without_addresses_connects(void **state)
{
	struct spec_network one = on("bare0", "192.168.9.17", NULL);
	struct spec_network two = on("bare0", "192.168.9.18", NULL);

	(void)state;
	output(host, "ip link add bare0 type bridge && ip link set bare0 up");
	struct jail first = jail_on(&one), second = jail_on(&two);
	assert_pings(first.netns, &second.result.addresses[0]);
	assert_string_equal(output(first.netns, "ip route show default"), "");
	jail_end(&first);
	jail_end(&second);
}

static void a_missing_part_is_an_error(void **state)
{
	struct spec_network network = { .mode = NETWORK_BRIDGE };
	struct jail jail = jail_start();
	struct network_request request = request_of(&jail, &network);
	struct network_work work = NETWORK_WORK_INIT;
	struct err err = ERR_INIT;

	(void)state;
	request.libexec_dir = "/nonexistent";
	assert_int_equal(connect_with(&request, &jail.result, &err), -ELIBACC);
	assert_has(err.text, "/nonexistent/contain-netlink.so");
	request.libexec_dir = "build";
	assert_int_equal(connect_with(&request, &jail.result, &err), -EINVAL);
	assert_has(err.text, "'build' is not an absolute path");
	assert_int_equal(network_connect_wait(&work, &jail.result, &err), -EINVAL);
	request.libexec_dir = libexec_dir;
	assert_int_equal(connect_with(&request, &jail.result, &err), 0);
	jail_end(&jail);
}

/* BUILD is where the parts are; without it they lie beside the folder of this program. */
static char *find_libexec_dir(void)
{
	char path[PATH_MAX];
	const char *build = getenv("BUILD");

	if (build)
		return realpath(build, NULL);
	ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (size < 0)
		return NULL;
	path[size] = '\0';
	for (int level = 0; level < 2 && strrchr(path, '/'); level++)
		*strrchr(path, '/') = '\0';
	return strdup(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(loopback_comes_up),
		TEST(makes_contain0_on_demand),
		TEST(the_first_packet_arrives),
		TEST(uses_a_bridge_as_it_is),
		TEST(two_jails_speak),
		TEST(one_family_is_enough),
		TEST(the_gateway_may_lie_outside_of_the_prefix),
		TEST(the_same_address_again_is_reached_at_once),
		TEST(the_veth_goes_with_the_jail),
		TEST(a_name_that_is_taken_is_left_alone),
		TEST(several_make_contain0_at_once),
		TEST(finishes_what_another_began),
		TEST(an_administrators_contain0_is_used_as_it_is),
		TEST(works_without_ipv6_on_the_host),
		TEST(refusals_name_what_is_wrong),
		TEST(contain0_may_be_something_else),
		TEST(a_used_up_subnet_is_an_error),
		TEST(a_bridge_without_addresses_connects),
		TEST(a_missing_part_is_an_error),
	};

	if (geteuid() != 0) {
		printf("SKIP - network: needs root\n");
		return 0;
	}
	libexec_dir = find_libexec_dir();
	leases =
	    mmap(NULL, sizeof(*leases), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!libexec_dir || leases == MAP_FAILED)
		return 1;
	int r = cmocka_run_group_tests(tests, NULL, NULL);
	free(libexec_dir);
	return r;
}
