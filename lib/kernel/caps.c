/* SPDX-License-Identifier: MIT */
#include "lib/kernel/caps.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

static void free_caps(cap_t *caps)
{
	if (*caps)
		cap_free(*caps);
}

#define cleanup_caps __attribute__((cleanup(free_caps)))

static bool in(uint64_t mask, cap_value_t cap)
{
	return mask >> cap & 1;
}

uint64_t caps_all(void)
{
	int count = cap_max_bits();

	return count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

/* Those of `asked` that are permitted and in the bounding set. */
static uint64_t available_of(uint64_t asked)
{
	cleanup_caps cap_t caps = cap_get_proc();
	uint64_t available = 0;

	for (cap_value_t cap = 0; caps && cap < cap_max_bits(); cap++) {
		cap_flag_value_t permitted;
		if (in(asked, cap) && cap_get_flag(caps, cap, CAP_PERMITTED, &permitted) == 0 &&
		    permitted == CAP_SET && cap_get_bound(cap) == 1)
			available |= UINT64_C(1) << cap;
	}
	return available;
}

uint64_t caps_available(void)
{
	return available_of(caps_all());
}

int caps_raise_permitted(struct err *err)
{
	cleanup_caps cap_t caps = cap_get_proc();

	if (!caps || cap_fill(caps, CAP_EFFECTIVE, CAP_PERMITTED) < 0 || cap_set_proc(caps) < 0)
		return err_sys(err, errno, "cannot make the capabilities effective");
	return 0;
}

static int limit_bounding_set(uint64_t keep, struct err *err)
{
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
		if (in(keep, cap) || cap_drop_bound(cap) == 0)
			continue;
		/* Without CAP_SETPCAP even what is not there cannot be dropped. */
		int errnum = errno;
		if (cap_get_bound(cap) != 0)
			return err_sys(
			    err, errnum, "cannot take capability %d out of the bounding set", cap);
	}
	return 0;
}

/* After a change of uid CAP_SETPCAP is still permitted, but no longer effective: capabilities(7).
 */
static int raise_setpcap(struct err *err)
{
	static const cap_value_t setpcap = CAP_SETPCAP;
	cleanup_caps cap_t caps = cap_get_proc();
	cap_flag_value_t permitted;

	if (!caps || cap_get_flag(caps, setpcap, CAP_PERMITTED, &permitted) < 0)
		return err_sys(err, errno, "cannot read the capabilities");
	/* Without it the bounding set may be small enough already; dropping from it will tell. */
	if (permitted != CAP_SET)
		return 0;
	if (cap_set_flag(caps, CAP_EFFECTIVE, 1, &setpcap, CAP_SET) < 0 || cap_set_proc(caps) < 0)
		return err_sys(err, errno, "cannot make capability setpcap effective");
	return 0;
}

static int check_available(uint64_t keep, struct err *err)
{
	uint64_t missing = keep & ~available_of(keep);

	if (!missing)
		return 0;
	char *name = cap_to_name(__builtin_ctzll(missing));
	err_say(err, EPERM,
	    "capability %s cannot be given to the command, because its creator does not have it",
	    name ?: "?");
	cap_free(name);
	return -EPERM;
}

static int set_exactly(uint64_t own, struct err *err)
{
	cleanup_caps cap_t caps = cap_init();

	for (cap_value_t cap = 0; caps && cap < cap_max_bits(); cap++) {
		if (!in(own, cap))
			continue;
		cap_set_flag(caps, CAP_PERMITTED, 1, &cap, CAP_SET);
		cap_set_flag(caps, CAP_EFFECTIVE, 1, &cap, CAP_SET);
	}
	if (cap_reset_ambient() < 0)
		return err_sys(err, errno, "cannot empty the ambient capabilities");
	if (!caps || cap_set_proc(caps) < 0)
		return err_sys(err, errno, "cannot reduce the capabilities");
	if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		return err_sys(
		    err, errno, "cannot stop keeping capabilities over a change of user");
	return 0;
}

static int verify(uint64_t keep, uint64_t own, struct err *err)
{
	cleanup_caps cap_t caps = cap_get_proc();

	if (!caps)
		return err_sys(err, errno, "cannot read the capabilities back");
	for (cap_value_t cap = 0; cap < cap_max_bits(); cap++) {
		cap_flag_value_t effective, permitted, inheritable;
		cap_flag_value_t wanted = in(own, cap) ? CAP_SET : CAP_CLEAR;
		if (cap_get_flag(caps, cap, CAP_EFFECTIVE, &effective) < 0 ||
		    cap_get_flag(caps, cap, CAP_PERMITTED, &permitted) < 0 ||
		    cap_get_flag(caps, cap, CAP_INHERITABLE, &inheritable) < 0)
			return err_sys(err, errno, "cannot read capability %d back", cap);
		/* None is ambient then: what is not inheritable cannot be (capabilities(7)). */
		if (effective != wanted || permitted != wanted || inheritable != CAP_CLEAR ||
		    (cap_get_bound(cap) && !in(keep, cap)))
			return err_say(err, EPERM, "capability %d is not as it was set", cap);
	}
	return 0;
}

int caps_limit(uint64_t keep, struct err *err)
{
	uint64_t own = geteuid() == 0 ? keep & caps_all() : 0;
	int r = check_available(own, err);

	if (r == 0)
		r = raise_setpcap(err);
	if (r == 0)
		r = limit_bounding_set(keep, err);
	if (r == 0)
		r = set_exactly(own, err);
	return r < 0 ? r : verify(keep, own, err);
}
