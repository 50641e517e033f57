/* SPDX-License-Identifier: MIT */

/*
 * Tries one thing that a jail must refuse:
 *
 *	attack NAME
 *
 * Exit code 0: it worked; 1: it was refused; 2: this kernel does not have it; 3: no such attack.
 * Run outside of any jail first, where it must work: refusing what nobody can do proves nothing.
 * Nothing here does harm when it works, as long as its mounts end with a mount namespace: values
 * are written back as they are, and what is dangerous is only opened.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* Numbers that the C library's headers may be too old for; the same on every architecture. */
#define NR_IO_URING_SETUP 425
#define NR_OPEN_TREE	  428
#define NR_FSOPEN	  430
#define NR_CLONE3	  435

static int result(long value)
{
	return value < 0 ? -errno : 0;
}

/* Namespace flags in a child, so that the attacker's own stay as they are. */
static int in_child(int (*attempt)(void))
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (pid == 0)
		_exit(-attempt() & 0xff);
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EPERM;
}

static int unshare_user_attempt(void)
{
	return result(unshare(CLONE_NEWUSER));
}

static int unshare_user(void)
{
	return in_child(unshare_user_attempt);
}

static int unshare_mount_attempt(void)
{
	return result(unshare(CLONE_NEWNS));
}

static int unshare_mount(void)
{
	return in_child(unshare_mount_attempt);
}

static int clone_user(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid((pid_t)pid, NULL, 0);
	return result(pid);
}

static int clone3_user(void)
{
	struct {
		unsigned long long flags, pidfd, child_tid, parent_tid, exit_signal, stack, size,
		    tls;
	} arguments = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	long pid = syscall(NR_CLONE3, &arguments, sizeof arguments);

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid((pid_t)pid, NULL, 0);
	return result(pid);
}

#ifdef __x86_64__
/* The filter must know that system call numbers of i386 are others. */
static int i386_unshare_attempt(void)
{
	long value;

	__asm__ volatile("int $0x80"
			 : "=a"(value)
			 : "a"(310L), "b"((long)CLONE_NEWUSER)
			 : "memory");
	return (int)value;
}

static int i386_unshare(void)
{
	return in_child(i386_unshare_attempt);
}
#endif

static int mount_tmpfs_attempt(void)
{
	return result(mount("attack", "/tmp", "tmpfs", 0, NULL));
}

static int mount_tmpfs(void)
{
	return in_child(mount_tmpfs_attempt);
}

static int mount_proc_attempt(void)
{
	return result(mount("attack", "/tmp", "proc", 0, NULL));
}

static int mount_proc(void)
{
	return in_child(mount_proc_attempt);
}

static int mount_cgroup_attempt(void)
{
	if (mount("attack", "/tmp", "cgroup2", 0, NULL) == 0)
		return 0;
	return result(mount("attack", "/tmp", "cgroup", 0, "none,name=attack"));
}

static int mount_cgroup(void)
{
	return in_child(mount_cgroup_attempt);
}

static int remount_sysctl_attempt(void)
{
	if (mount("/proc/sys", "/proc/sys", NULL, MS_BIND, NULL) < 0)
		return -errno;
	return result(mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND, NULL));
}

static int remount_sysctl(void)
{
	return in_child(remount_sysctl_attempt);
}

static int umount_proc_attempt(void)
{
	return result(umount2("/proc", MNT_DETACH));
}

static int umount_proc(void)
{
	return in_child(umount_proc_attempt);
}

static int fsopen_tmpfs(void)
{
	return result(syscall(NR_FSOPEN, "tmpfs", 0));
}

static int open_tree_clone(void)
{
	return result(syscall(NR_OPEN_TREE, AT_FDCWD, "/", 1 /* OPEN_TREE_CLONE */));
}

static int bpf_map(void)
{
	unsigned attributes[8] = { 2 /* array */, 4, 4, 1 };

	return result(syscall(SYS_bpf, 0 /* BPF_MAP_CREATE */, attributes, sizeof attributes));
}

static int perf_event(void)
{
	struct {
		unsigned type, size;
		unsigned long long rest[14];
	} attributes = { 1 /* software */, sizeof attributes, { 0 } };

	return result(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}

static int userfaultfd_open(void)
{
	return result(syscall(SYS_userfaultfd, O_CLOEXEC));
}

static int io_uring(void)
{
	char parameters[120] = { 0 };

	return result(syscall(NR_IO_URING_SETUP, 1, parameters));
}

static int add_key(void)
{
	return result(
	    syscall(SYS_add_key, "user", "contain-attack", "x", 1, KEY_SPEC_PROCESS_KEYRING));
}

/* Find the key that the test has put into root's user and session keyrings. */
static int find_key(void)
{
	const int rings[] = { KEY_SPEC_SESSION_KEYRING, KEY_SPEC_USER_KEYRING,
		KEY_SPEC_USER_SESSION_KEYRING };

	for (size_t i = 0; i < sizeof rings / sizeof *rings; i++)
		if (syscall(SYS_keyctl, KEYCTL_SEARCH, rings[i], "user", "contain-canary", 0) >= 0)
			return 0;
	return syscall(SYS_request_key, "user", "contain-canary", NULL, 0) >= 0 ? 0 : -EPERM;
}

/* Open a file by its handle: no path, so no root directory holds it back. */
static int open_by_handle(void)
{
	struct {
		struct file_handle head;
		unsigned char bytes[128];
	} handle = { .head.handle_bytes = sizeof handle.bytes };
	int mount_id, root;

	if (name_to_handle_at(AT_FDCWD, "/etc/passwd", &handle.head, &mount_id, 0) < 0)
		return -errno;
	root = open("/etc", O_RDONLY | O_DIRECTORY);
	if (root < 0)
		return -errno;
	return result(open_by_handle_at(root, &handle.head, O_RDONLY));
}

static int fanotify(void)
{
	return result(syscall(SYS_fanotify_init, 0x4 /* FAN_CLASS_CONTENT */, O_RDONLY));
}

/* Asks for the right to set the clock, and sets nothing. */
static int set_clock(void)
{
	return result(syscall(SYS_settimeofday, NULL, NULL));
}

static int kernel_log(void)
{
	char buffer[256];

	return result(syscall(SYS_syslog, 3 /* read all */, buffer, sizeof buffer));
}

static int accounting(void)
{
	return result(syscall(SYS_acct, NULL));
}

static int set_hostname(void)
{
	struct utsname names;

	uname(&names);
	return result(sethostname(names.nodename, strlen(names.nodename)));
}

static int chroot_to_tmp_attempt(void)
{
	return result(chroot("/tmp"));
}

static int chroot_to_tmp(void)
{
	return in_child(chroot_to_tmp_attempt);
}

/* Leave a chroot by a descriptor of what lies above it; the root found must be the one before. */
static int chroot_escape_attempt(void)
{
	struct stat before, after;
	int above;

	if (stat("/etc/HOSTCANARY", &before) == 0)
		return 0;
	if (mkdir("/tmp/escape", 0700) < 0 && errno != EEXIST)
		return -errno;
	above = open("/", O_RDONLY | O_DIRECTORY);
	if (above < 0 || chroot("/tmp/escape") < 0 || fchdir(above) < 0)
		return -errno;
	for (int i = 0; i < 100; i++)
		if (chdir("..") < 0)
			return -errno;
	if (chroot(".") < 0)
		return -errno;
	return result(stat("/etc/HOSTCANARY", &after));
}

static int chroot_escape(void)
{
	return in_child(chroot_escape_attempt);
}

static int make_device(void)
{
	int made = mknod("/tmp/attack-device", S_IFCHR | 0600, makedev(1, 3));
	int error = errno;

	unlink("/tmp/attack-device");
	errno = error;
	return result(made);
}

static int vsock(void)
{
	return result(socket(40 /* AF_VSOCK */, SOCK_STREAM, 0));
}

static int packet_socket(void)
{
	return result(socket(AF_PACKET, SOCK_RAW, 0));
}

static int raw_socket(void)
{
	return result(socket(AF_INET, SOCK_RAW, 1));
}

static int alg_socket(void)
{
	return result(socket(38 /* AF_ALG */, SOCK_SEQPACKET, 0));
}

static int xfrm_socket(void)
{
	return result(socket(AF_NETLINK, SOCK_RAW, 6));
}

/* A terminal of our own, made the controlling one, so that only the ioctl can be what is refused.
 */
static int terminal(void)
{
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY), slave, unlock = 0;

	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return -errno;
	setsid();
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	if (slave < 0 || ioctl(slave, TIOCSCTTY, 0) < 0)
		return -errno;
	return slave;
}

static int tiocsti_attempt(void)
{
	int slave = terminal();

	return slave < 0 ? slave : result(ioctl(slave, TIOCSTI, "x"));
}

static int tiocsti(void)
{
	return in_child(tiocsti_attempt);
}

/* The kernel looks at 32 bits of the command only; a filter that compares 64 is passed by. */
static int tiocsti_64_attempt(void)
{
	int slave = terminal();

	if (slave < 0)
		return slave;
	return result(syscall(SYS_ioctl, slave, (unsigned long)TIOCSTI | 1UL << 32, "x"));
}

static int tiocsti_64(void)
{
	return in_child(tiocsti_64_attempt);
}

/* Put bytes into the queue of the terminal that stands on descriptor 0. */
static int tiocsti_stdin(void)
{
	return result(ioctl(0, TIOCSTI, "x"));
}

static int tioclinux(void)
{
	char command = 6; /* report the shift state */

	return result(ioctl(0, TIOCLINUX, &command));
}

static int set_discipline_attempt(void)
{
	int slave = terminal(), discipline = 0;

	return slave < 0 ? slave : result(ioctl(slave, TIOCSETD, &discipline));
}

static int set_discipline(void)
{
	return in_child(set_discipline_attempt);
}

static const struct {
	const char *name;
	int (*attempt)(void);
} attacks[] = {
	{ "unshare-user", unshare_user },
	{ "unshare-mount", unshare_mount },
	{ "clone-user", clone_user },
	{ "clone3-user", clone3_user },
#ifdef __x86_64__
	{ "i386-unshare", i386_unshare },
#endif
	{ "mount-tmpfs", mount_tmpfs },
	{ "mount-proc", mount_proc },
	{ "mount-cgroup", mount_cgroup },
	{ "remount-sysctl", remount_sysctl },
	{ "umount-proc", umount_proc },
	{ "fsopen", fsopen_tmpfs },
	{ "open-tree", open_tree_clone },
	{ "bpf", bpf_map },
	{ "perf", perf_event },
	{ "userfaultfd", userfaultfd_open },
	{ "io-uring", io_uring },
	{ "add-key", add_key },
	{ "find-key", find_key },
	{ "open-by-handle", open_by_handle },
	{ "fanotify", fanotify },
	{ "set-clock", set_clock },
	{ "kernel-log", kernel_log },
	{ "accounting", accounting },
	{ "set-hostname", set_hostname },
	{ "chroot", chroot_to_tmp },
	{ "chroot-escape", chroot_escape },
	{ "make-device", make_device },
	{ "vsock", vsock },
	{ "packet-socket", packet_socket },
	{ "raw-socket", raw_socket },
	{ "alg-socket", alg_socket },
	{ "xfrm-socket", xfrm_socket },
	{ "tiocsti", tiocsti },
	{ "tiocsti-64", tiocsti_64 },
	{ "tiocsti-stdin", tiocsti_stdin },
	{ "tioclinux", tioclinux },
	{ "set-discipline", set_discipline },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof attacks / sizeof *attacks; i++) {
		int value;

		if (strcmp(attacks[i].name, argv[1]) != 0)
			continue;
		value = attacks[i].attempt();
		printf("%s: %s\n", argv[1], value < 0 ? strerror(-value) : "it worked");
		if (value == -ENOSYS || value == -EAFNOSUPPORT || value == -ENODEV)
			return 2;
		return value < 0 ? 1 : 0;
	}
	fprintf(stderr, "attack: no attack is called %s\n", argc == 2 ? argv[1] : "that");
	return 3;
}
