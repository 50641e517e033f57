/* SPDX-License-Identifier: MIT */
#include "containctl/pam_stack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MODULE	  "pam_contain.so"
#define BLANKS	  " \t"
#define FILE_MAX  ((size_t)1024 * 1024)
#define DEPTH_MAX 16 /* of files that include each other; libpam's is 32 */
#define WORDS_MAX 32

/* Debian has had the second since 12; it is libpam's "vendor directory". */
const char *const pam_directories[] = { "/etc/pam.d", "/usr/lib/pam.d", "/usr/etc/pam.d", NULL };

struct reader {
	const char *const *directories;
	const char *service;
	struct pam_stack *stack;
};

static int read_file(
    const struct reader *reader, const char *name, unsigned depth, struct err *err);

/* Returns a descriptor, or -ENOENT. */
static int open_file(const struct reader *reader, const char *name, char path[PATH_MAX])
{
	if (*name == '/') {
		int fd = snprintf(path, PATH_MAX, "%s", name) < PATH_MAX
			     ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
			     : -1;
		return fd < 0 ? -ENOENT : fd;
	}
	for (const char *const *directory = reader->directories; *directory; directory++) {
		if (snprintf(path, PATH_MAX, "%s/%s", *directory, name) >= PATH_MAX)
			continue;
		int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd >= 0)
			return fd;
	}
	return -ENOENT;
}

/* At blanks, and [what is in brackets] is one word. Returns how many there are. */
static size_t split(char *line, char *words[WORDS_MAX])
{
	size_t count = 0;

	while (*(line += strspn(line, BLANKS)) && count < WORDS_MAX - 1) {
		char *end = *line == '[' ? strchr(line, ']') : NULL;
		words[count++] = line;
		line = end ? end + 1 : line;
		line += strcspn(line, BLANKS);
		if (*line)
			*line++ = '\0';
	}
	words[count] = NULL;
	return count;
}

/* With "services=" the module looks at these alone. */
static bool takes_service(const char *service, char *const *arguments)
{
	const char *services = EXEMPT_SERVICES;

	for (; *arguments; arguments++)
		if (strncmp(*arguments, "services=", 9) == 0)
			services = *arguments + 9;
	return exempt_listed(services, service);
}

static void add_module(const struct reader *reader, const char *path, char *const *arguments)
{
	struct pam_stack *stack = reader->stack;
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

	if (strcmp(name, MODULE) == 0 && takes_service(reader->service, arguments)) {
		stack->contains = true;
		*stack->after = '\0';
	} else if (stack->contains) {
		snprintf(stack->after, sizeof(stack->after), "%.200s", name);
	}
}

static int read_line(const struct reader *reader, char *line, unsigned depth, struct err *err)
{
	char *words[WORDS_MAX];

	line[strcspn(line, "#")] = '\0';
	size_t count = split(line, words);
	if (count == 0)
		return 0;
	if (strcmp(words[0], "@include") == 0)
		return count > 1 ? read_file(reader, words[1], depth + 1, err) : -EINVAL;
	/* A missing module behind "-session" is no error. */
	if (strcasecmp(words[0] + (words[0][0] == '-'), "session") != 0)
		return 0;
	if (count < 3)
		return -EINVAL;
	if (strcmp(words[1], "include") == 0 || strcmp(words[1], "substack") == 0)
		return read_file(reader, words[2], depth + 1, err);
	add_module(reader, words[2], words + 3);
	return 0;
}

/* The next line of *text, where a backslash at the end has joined it with those that follow. */
static char *next_line(char **text, unsigned *number)
{
	char *line = *text, *end = line;

	if (!*line)
		return NULL;
	for (;; end++) {
		end += strcspn(end, "\n");
		(*number)++;
		if (!*end || end == line || end[-1] != '\\')
			break;
		end[-1] = end[0] = ' ';
	}
	*text = *end ? end + 1 : end;
	*end = '\0';
	return line;
}

static int read_file(const struct reader *reader, const char *name, unsigned depth, struct err *err)
{
	char path[PATH_MAX];
	cleanup_free char *text = NULL;
	unsigned number = 0;
	int r = 0;

	cleanup_fd int fd = open_file(reader, name, path);
	if (fd < 0)
		return depth == 0 ? 0 : err_say(err, ENOENT, "%s: there is no such PAM file", name);
	if (depth > DEPTH_MAX)
		return err_say(err, ELOOP, "%s: it includes itself", path);
	if (depth == 0)
		snprintf(reader->stack->file, PATH_MAX, "%s", path);
	r = fd_read_all(fd, FILE_MAX, &text, NULL, err);
	if (r < 0)
		return err_prefix(err, "%s", path);
	char *rest = text, *line;
	while (r == 0 && (line = next_line(&rest, &number)))
		r = read_line(reader, line, depth, err);
	/* Those of included files have a message already. */
	if (r < 0 && !err->code)
		return err_say(err, -r, "%s:%u: this is no line of a PAM stack", path, number);
	return r;
}

int pam_stack_read(const char *const *directories, const char *name, const char *service,
    struct pam_stack *ret, struct err *err)
{
	const struct reader reader = { directories, service, ret };

	*ret = (struct pam_stack){ .contains = false };
	return read_file(&reader, name, 0, err);
}
