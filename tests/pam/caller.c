/* SPDX-License-Identifier: MIT */

/*
 * A PAM application that is hard to please: it opens a session with something about it that is not
 * as modules are used to, and looks what the module has changed.
 *
 *	caller SERVICE USER [VARIANT]...
 *
 * prints lines for a test to read:
 *
 *	open CODE		of pam_open_session()
 *	said TEXT		what the module told the person
 *	changed WHAT		something that is not as it was before, and should be
 *	inside UID NAMESPACE	as a child of it sees itself, and which user namespace it is in
 *	close CODE
 *	done
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#define FDS	256
#define SIGNALS 65

static int out = -1; /* where to print: the variants close 1 and 2 */

__attribute__((format(printf, 1, 2))) static void print(const char *fmt, ...)
{
	char line[20000];
	va_list args;

	va_start(args, fmt);
	int length = vsnprintf(line, sizeof(line) - 1, fmt, args);
	va_end(args);
	length = length < (int)sizeof(line) - 1 ? length : (int)sizeof(line) - 2;
	line[length++] = '\n';
	(void)!write(out, line, (size_t)length);
}

/* ---------------------------------------------------------------------------- snapshot */

struct snapshot {
	struct sigaction actions[SIGNALS];
	sigset_t mask, pending;
	char fds[FDS][128]; /* "" where closed; what it is and its flags */
	mode_t umask;
	char cwd[4096];
	char environment[8192];
	uid_t uids[3];
	gid_t gids[3];
	gid_t groups[64];
	int group_count;
	struct rlimit limits[RLIM_NLIMITS];
	int dumpable, nice, no_new_privs, death_signal, personality;
	struct itimerval timer;
	char cgroup[4096], namespaces[1024], oom[16];
};

static void read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

static void look_at_fds(struct snapshot *now)
{
	for (int fd = 0; fd < FDS; fd++) {
		struct stat st;
		int flags = fcntl(fd, F_GETFD);
		if (flags < 0 || fstat(fd, &st) < 0)
			now->fds[fd][0] = '\0';
		else
			snprintf(now->fds[fd], sizeof(now->fds[fd]), "%lx:%lx mode %o flags %d %d",
			    (unsigned long)st.st_dev, (unsigned long)st.st_ino,
			    (unsigned)st.st_mode & S_IFMT, flags, fcntl(fd, F_GETFL));
	}
}

static void look_at_environment(struct snapshot *now)
{
	size_t used = 0;

	now->environment[0] = '\0';
	for (char **item = environ; item && *item && used < sizeof(now->environment); item++)
		used += (size_t)snprintf(
		    now->environment + used, sizeof(now->environment) - used, "%s\n", *item);
}

static void look_at_namespaces(struct snapshot *now)
{
	static const char *const names[] = { "user", "mnt", "pid_for_children", "net", "ipc", "uts",
		"cgroup" };
	size_t used = 0;

	now->namespaces[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64], target[64] = "?";
		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		ssize_t n = readlink(path, target, sizeof(target) - 1);
		target[n > 0 ? n : 1] = '\0';
		used += (size_t)snprintf(
		    now->namespaces + used, sizeof(now->namespaces) - used, "%s ", target);
	}
}

static void look(struct snapshot *now)
{
	memset(now, 0, sizeof(*now));
	for (int number = 1; number < SIGNALS; number++)
		(void)sigaction(number, NULL, &now->actions[number]);
	sigprocmask(SIG_SETMASK, NULL, &now->mask);
	sigpending(&now->pending);
	look_at_fds(now);
	now->umask = umask(0);
	umask(now->umask);
	if (!getcwd(now->cwd, sizeof(now->cwd)))
		snprintf(now->cwd, sizeof(now->cwd), "none: %s", strerror(errno));
	look_at_environment(now);
	(void)getresuid(&now->uids[0], &now->uids[1], &now->uids[2]);
	(void)getresgid(&now->gids[0], &now->gids[1], &now->gids[2]);
	now->group_count = getgroups(64, now->groups);
	for (int i = 0; i < RLIM_NLIMITS; i++)
		(void)getrlimit((__rlimit_resource_t)i, &now->limits[i]);
	now->dumpable = prctl(PR_GET_DUMPABLE);
	now->nice = getpriority(PRIO_PROCESS, 0);
	now->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	(void)prctl(PR_GET_PDEATHSIG, &now->death_signal);
	now->personality = personality(0xffffffff);
	(void)getitimer(ITIMER_VIRTUAL, &now->timer);
	read_text("/proc/self/cgroup", now->cgroup, sizeof(now->cgroup));
	read_text("/proc/self/oom_score_adj", now->oom, sizeof(now->oom));
	look_at_namespaces(now);
}

/* ---------------------------------------------------------------------------- comparison */

static void compare_fds(const struct snapshot *before, const struct snapshot *after, bool entered)
{
	int more = 0;

	for (int fd = 0; fd < FDS; fd++) {
		if (strcmp(before->fds[fd], after->fds[fd]) == 0)
			continue;
		/* The session's socket; directories became close-on-exec. */
		if (entered && !before->fds[fd][0] && more++ == 0 &&
		    fcntl(fd, F_GETFD) == FD_CLOEXEC)
			continue;
		if (entered && strstr(before->fds[fd], "mode 40000") &&
		    fcntl(fd, F_GETFD) == FD_CLOEXEC)
			continue;
		print("changed descriptor: \"%s\" is now \"%s\"", before->fds[fd], after->fds[fd]);
	}
}

#define SAME(member)                                                                               \
	if (memcmp(&before->member, &after->member, sizeof(before->member)) != 0)                  \
	print("changed %s", #member)

static void compare_signals(const struct snapshot *before, const struct snapshot *after)
{
	for (int number = 1; number < SIGNALS; number++)
		if (before->actions[number].sa_handler != after->actions[number].sa_handler ||
		    before->actions[number].sa_flags != after->actions[number].sa_flags)
			print("changed the action of signal %s", strsignal(number));
	SAME(mask);
	for (int number = 1; number < SIGNALS; number++)
		if (sigismember(&before->pending, number) != sigismember(&after->pending, number))
			print("changed whether signal %s is pending", strsignal(number));
}

/* What must be so however it went. */
static void compare_always(
    const struct snapshot *before, const struct snapshot *after, bool entered)
{
	compare_signals(before, after);
	compare_fds(before, after, entered);
	SAME(umask);
	SAME(death_signal);
	SAME(nice);
	SAME(personality);
	if (before->timer.it_value.tv_sec && !after->timer.it_value.tv_sec)
		print("changed the timer");
	if (strcmp(before->environment, after->environment) != 0)
		print("changed the environment: %s to %s", before->environment, after->environment);
}

/* What must be so where nothing was entered. */
static void compare_outside(const struct snapshot *before, const struct snapshot *after)
{
	SAME(uids);
	SAME(gids);
	SAME(groups);
	SAME(group_count);
	SAME(limits);
	SAME(dumpable);
	SAME(no_new_privs);
	if (strcmp(before->cwd, after->cwd) != 0)
		print("changed the working directory: %s to %s", before->cwd, after->cwd);
	if (strcmp(before->cgroup, after->cgroup) != 0)
		print("changed the control group: %s to %s", before->cgroup, after->cgroup);
	if (strcmp(before->oom, after->oom) != 0)
		print("changed oom_score_adj: %s to %s", before->oom, after->oom);
	if (strcmp(before->namespaces, after->namespaces) != 0)
		print("changed namespaces: %s to %s", before->namespaces, after->namespaces);
}

/* ----------------------------------------------------------------------------- variants */

static void limit(int resource, rlim_t value)
{
	struct rlimit limit;

	(void)getrlimit((__rlimit_resource_t)resource, &limit);
	limit.rlim_cur = value;
	(void)setrlimit((__rlimit_resource_t)resource, &limit);
}

static void hard_limit(int resource, rlim_t value)
{
	struct rlimit limit = { value, value };

	(void)setrlimit((__rlimit_resource_t)resource, &limit);
}

static void close_standard(void)
{
	for (int fd = 0; fd <= 2; fd++)
		close(fd);
}

static void few_files(void)
{
	limit(RLIMIT_NOFILE, 16);
}

static void fewer_files(void)
{
	hard_limit(RLIMIT_NOFILE, 6);
}

static void no_file_size(void)
{
	limit(RLIMIT_FSIZE, 0);
	(void)signal(SIGXFSZ, SIG_IGN);
}

static void ignore_children(void)
{
	(void)signal(SIGCHLD, SIG_IGN);
}

static volatile bool watching; /* the application has no child of its own meanwhile */

/* As daemons do: whoever it is, they reap it. */
static void on_child(int number)
{
	(void)number;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		if (watching)
			print("changed a child that is not the application's, reaped by it");
	if (watching)
		print("changed SIGCHLD, which nobody expects");
}

static void reap_children(void)
{
	struct sigaction action = { .sa_handler = on_child, .sa_flags = SA_RESTART };

	(void)sigaction(SIGCHLD, &action, NULL);
}

static void lose_cwd(void)
{
	char name[] = "/tmp/contain-caller-XXXXXX";

	if (mkdtemp(name) && chdir(name) == 0)
		(void)rmdir(name);
}

static void open_umask(void)
{
	umask(0);
}

static void block_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	(void)raise(SIGUSR1);
}

static void open_directory(void)
{
	(void)open("/etc", O_RDONLY | O_DIRECTORY);
}

static void directory_as_stdin(void)
{
	int fd = open("/etc", O_RDONLY | O_DIRECTORY);

	dup2(fd, 0);
	close(fd);
}

static void die_with_parent(void)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGUSR2);
}

static void be_nice(void)
{
	(void)setpriority(PRIO_PROCESS, 0, 19);
}

static void run_a_timer(void)
{
	struct itimerval timer = { .it_value = { 1000, 0 } };

	(void)setitimer(ITIMER_VIRTUAL, &timer, NULL);
}

static void *sleep_on(void *data)
{
	pause();
	return data;
}

static void make_a_thread(void)
{
	pthread_t thread;

	(void)pthread_create(&thread, NULL, sleep_on, NULL);
}

static void little_memory(void)
{
	limit(RLIMIT_AS, 512 << 20);
	limit(RLIMIT_STACK, 256 << 10);
	limit(RLIMIT_CPU, 5);
}

static void set_no_new_privs(void)
{
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static void pollute_environment(void)
{
	setenv("LD_PRELOAD", "/tmp/evil.so", 1);
	setenv("PATH", "/tmp/evil", 1);
	setenv("GCONV_PATH", "/tmp/evil", 1);
	setenv("TMPDIR", "/tmp/evil", 1);
}

static const struct {
	const char *name;
	void (*set_up)(void);
} variants[] = {
	{ "closed-standard", close_standard },
	{ "nofile-16", few_files },
	{ "nofile-6", fewer_files },
	{ "fsize-0", no_file_size },
	{ "sigchld-ignored", ignore_children },
	{ "sigchld-reaper", reap_children },
	{ "deleted-cwd", lose_cwd },
	{ "umask-0", open_umask },
	{ "blocked-signals", block_signals },
	{ "directory", open_directory },
	{ "directory-stdin", directory_as_stdin },
	{ "pdeathsig", die_with_parent },
	{ "nice", be_nice },
	{ "timer", run_a_timer },
	{ "thread", make_a_thread },
	{ "little-memory", little_memory },
	{ "no-new-privs", set_no_new_privs },
	{ "environment", pollute_environment },
};

static bool set_up(const char *name)
{
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		if (strcmp(variants[i].name, name) != 0)
			continue;
		variants[i].set_up();
		return true;
	}
	return false;
}

/* --------------------------------------------------------------------------- application */

static int converse(
    int count, const struct pam_message **messages, struct pam_response **replies, void *data)
{
	(void)data;
	*replies = calloc((size_t)count, sizeof(**replies));
	for (int i = 0; i < count; i++)
		if (messages[i]->msg)
			print("said %s", messages[i]->msg);
	return *replies ? PAM_SUCCESS : PAM_BUF_ERR;
}

/* A child is in the jail's PID namespace, and its /proc is the jail's. */
static void look_from_inside(const char *user)
{
	pid_t pid = fork();

	if (pid == 0) {
		char target[64] = "?";
		const struct passwd *entry = getpwnam(user);
		if (!entry || setgid(entry->pw_gid) < 0 || setuid(entry->pw_uid) < 0)
			_exit(1);
		ssize_t n = readlink("/proc/self/ns/user", target, sizeof(target) - 1);
		target[n > 0 ? n : 1] = '\0';
		print("inside %u %s", getuid(), target);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int main(int argc, char **argv)
{
	static struct snapshot before, after;
	struct pam_conv conversation = { converse, NULL };
	pam_handle_t *pamh = NULL;

	if (argc < 3 || pam_start(argv[1], argv[2], &conversation, &pamh) != PAM_SUCCESS)
		return 2;
	out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 5);
	/* The C library's connection to the log stays open once somebody has said something. */
	openlog("caller", LOG_NDELAY, LOG_AUTHPRIV);
	for (int i = 3; i < argc; i++)
		if (!set_up(argv[i]))
			return 2;
	look(&before);
	watching = true;
	int opened = pam_open_session(pamh, 0);
	watching = false;
	look(&after);
	print("open %d", opened);
	compare_always(&before, &after, opened == PAM_SUCCESS);
	if (opened == PAM_SUCCESS)
		look_from_inside(argv[2]);
	else
		compare_outside(&before, &after);
	print("close %d", pam_close_session(pamh, 0));
	pam_end(pamh, PAM_SUCCESS);
	print("done");
	return 0;
}
