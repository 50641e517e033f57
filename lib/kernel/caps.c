/* SPDX-License-Identifier: MIT */
#include "lib/kernel/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The system calls themselves and not libcap: the PAM module has this file too, and links nothing
 * but libc and libpam.
 */
struct sets {
	uint64_t effective, permitted, inheritable;
};

static int read_sets(struct sets *ret)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct half[2];

	if (syscall(SYS_capget, &header, half) < 0)
		return -errno;
	*ret = (struct sets){
		.effective = half[0].effective | (uint64_t)half[1].effective << 32,
		.permitted = half[0].permitted | (uint64_t)half[1].permitted << 32,
		.inheritable = half[0].inheritable | (uint64_t)half[1].inheritable << 32,
	};
	return 0;
}

static int write_sets(const struct sets *sets)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct half[2] = {
		{ (uint32_t)sets->effective, (uint32_t)sets->permitted,
		    (uint32_t)sets->inheritable },
		{ (uint32_t)(sets->effective >> 32), (uint32_t)(sets->permitted >> 32),
		    (uint32_t)(sets->inheritable >> 32) },
	};

	return syscall(SYS_capset, &header, half) < 0 ? -errno : 0;
}

static bool in(uint64_t mask, unsigned cap)
{
	return mask >> cap & 1;
}

/* Calls with a capability that the kernel does not know are EINVAL: prctl(2). */
static unsigned count_known(void)
{
	unsigned count = 0;

	while (count < 64 && prctl(PR_CAPBSET_READ, count, 0, 0, 0) >= 0)
		count++;
	return count;
}

static uint64_t bounding_set(void)
{
	uint64_t set = 0;

	for (unsigned cap = 0; cap < 64; cap++) {
		int r = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
		if (r < 0)
			break;
		set |= (uint64_t)r << cap;
	}
	return set;
}

uint64_t caps_all(void)
{
	unsigned count = count_known();

	return count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

uint64_t caps_available(void)
{
	struct sets sets = { 0 };

	return read_sets(&sets) < 0 ? 0 : sets.permitted & bounding_set();
}

int caps_raise_permitted(struct err *err)
{
	struct sets sets = { 0 };
	int r = read_sets(&sets);

	if (r == 0) {
		sets.effective = sets.permitted;
		r = write_sets(&sets);
	}
	return r < 0 ? err_sys(err, -r, "cannot make the capabilities effective") : 0;
}

static int limit_bounding_set(uint64_t keep, struct err *err)
{
	/* Without CAP_SETPCAP even what is not there cannot be dropped. */
	uint64_t drop = bounding_set() & ~keep;

	for (unsigned cap = 0; cap < 64; cap++)
		if (in(drop, cap) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return err_sys(
			    err, errno, "cannot take capability %u out of the bounding set", cap);
	return 0;
}

/* After a change of uid CAP_SETPCAP is still permitted, but no longer effective: capabilities(7).
 */
static int raise_setpcap(struct err *err)
{
	struct sets sets = { 0 };
	int r = read_sets(&sets);

	if (r < 0)
		return err_sys(err, -r, "cannot read the capabilities");
	/* Without it the bounding set may be small enough already; dropping from it will tell. */
	if (!in(sets.permitted, CAP_SETPCAP))
		return 0;
	sets.effective |= UINT64_C(1) << CAP_SETPCAP;
	r = write_sets(&sets);
	return r < 0 ? err_sys(err, -r, "cannot make capability setpcap effective") : 0;
}

static int set_exactly(uint64_t own, struct err *err)
{
	const struct sets sets = { .effective = own, .permitted = own };

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return err_sys(err, errno, "cannot empty the ambient capabilities");
	int r = write_sets(&sets);
	if (r < 0)
		return err_sys(err, -r, "cannot reduce the capabilities");
	if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		return err_sys(
		    err, errno, "cannot stop keeping capabilities over a change of user");
	return 0;
}

static int verify(uint64_t bounding, uint64_t own, struct err *err)
{
	struct sets sets = { 0 };
	int r = read_sets(&sets);

	if (r < 0)
		return err_sys(err, -r, "cannot read the capabilities back");
	/* None is ambient then: what is not inheritable cannot be (capabilities(7)). */
	if (sets.effective != own || sets.permitted != own || sets.inheritable ||
	    (bounding_set() & ~bounding))
		return err_say(err, EPERM, "the capabilities are not as they were set");
	return 0;
}

int caps_reduce(uint64_t bounding, uint64_t own, struct err *err)
{
	int r = raise_setpcap(err);

	if (r == 0)
		r = limit_bounding_set(bounding, err);
	if (r == 0)
		r = set_exactly(own, err);
	return r < 0 ? r : verify(bounding, own, err);
}

static bool is_ambient(uint64_t caps)
{
	for (unsigned cap = 0; cap < 64; cap++) {
		int r = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0);
		if (r >= 0 && (r == 1) != in(caps, cap))
			return false;
	}
	return true;
}

int caps_pass_on(uint64_t caps, struct err *err)
{
	struct sets sets = { 0 };
	int r = read_sets(&sets);

	sets.inheritable = caps;
	if (r == 0)
		r = write_sets(&sets);
	if (r < 0)
		return err_sys(err, -r, "cannot make capabilities inheritable");
	for (unsigned cap = 0; cap < 64; cap++)
		if (in(caps, cap) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return err_sys(err, errno, "cannot pass on capability %u", cap);
	return is_ambient(caps)
		   ? 0
		   : err_say(err, EPERM, "the capabilities to pass on are not as they were set");
}

int caps_limit(uint64_t keep, struct err *err)
{
	uint64_t own = geteuid() == 0 ? keep & caps_all() : 0;
	uint64_t missing = own & ~caps_available();

	if (missing)
		return err_say(
		    err, EPERM, "capability %d is not there to be kept", __builtin_ctzll(missing));
	return caps_reduce(keep, own, err);
}
