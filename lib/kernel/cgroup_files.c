/* SPDX-License-Identifier: MIT */
/*
 * Control files, by descriptor of their folder, and the text formats that the kernel has in them:
 * Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/.
 */
#include "lib/kernel/cgroup_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cleanup.h"

int cgroup_file_write(int dir, const char *file, const char *value)
{
	cleanup_fd int fd = openat(dir, file, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return fd_write_all(fd, value, strlen(value));
}

int cgroup_file_read(int dir, const char *file, char *buffer, size_t size)
{
	cleanup_fd int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	size_t used = 0;

	if (fd < 0)
		return -errno;
	while (used < size - 1) {
		ssize_t n = read(fd, buffer + used, size - 1 - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	buffer[used] = '\0';
	if (used && buffer[used - 1] == '\n')
		buffer[used - 1] = '\0';
	return 0;
}

int cgroup_file_number(int dir, const char *file, uint64_t *ret)
{
	char text[64];
	int r = cgroup_file_read(dir, file, text, sizeof(text));

	if (r < 0)
		return r;
	if (strcmp(text, "max") == 0) {
		*ret = UINT64_MAX;
		return 0;
	}
	return str_to_u64(text, UINT64_MAX, ret);
}

int cgroup_set(const struct cgroup_folder *folder, const char *option, const char *file,
    struct err *err, const char *fmt, ...)
{
	char value[CGROUP_VALUE_MAX];
	va_list args;

	va_start(args, fmt);
	int length = vsnprintf(value, sizeof(value), fmt, args);
	va_end(args);
	if (length < 0 || (size_t)length >= sizeof(value))
		return err_say(err, ENOBUFS, "%s: the value for %s is too long", option, file);
	int r = cgroup_file_write(folder->dir, file, value);
	if (r == -ENOENT)
		return err_say(
		    err, EOPNOTSUPP, "%s: this kernel has no %s in %s", option, file, folder->path);
	if (r < 0)
		return err_sys(err, -r, "%s: the kernel refuses '%s' for %s/%s", option, value,
		    folder->path, file);
	return 0;
}

int cgroup_check(const struct cgroup_folder *folder, const char *option, const char *file,
    uint64_t asked, uint64_t step, struct err *err)
{
	uint64_t got;
	int r = cgroup_file_number(folder->dir, file, &got);

	if (r < 0)
		return err_sys(err, -r, "%s: cannot read back %s/%s", option, folder->path, file);
	/* v1 has the largest number of whole pages in a long as its "no limit". */
	if (got >= (uint64_t)INT64_MAX - 65536)
		return err_say(err, ERANGE,
		    "%s: %" PRIu64 " is so large that the kernel takes it "
		    "as no limit",
		    option, asked);
	if (got > asked || asked - got >= step)
		return err_say(err, ERANGE,
		    "%s: the kernel made %" PRIu64 " of %" PRIu64 " in %s/%s", option, got, asked,
		    folder->path, file);
	return 0;
}

int cgroup_check_text(const struct cgroup_folder *folder, const char *option, const char *file,
    const char *asked, struct err *err)
{
	char got[CGROUP_VALUE_MAX];
	int r = cgroup_file_read(folder->dir, file, got, sizeof(got));

	if (r < 0)
		return err_sys(err, -r, "%s: cannot read back %s/%s", option, folder->path, file);
	if (strcmp(got, asked) != 0)
		return err_say(err, ERANGE, "%s: the kernel made '%s' of '%s' in %s/%s", option,
		    got, asked, folder->path, file);
	return 0;
}

static uint64_t leading_number(const char *text)
{
	uint64_t number = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(*text - '0'), &number))
			return UINT64_MAX;
	return number;
}

int cgroup_text_key(const char *text, const char *key, uint64_t *ret)
{
	size_t length = strlen(key);
	const char *line = text;

	while (strncmp(line, key, length) != 0 || line[length] != ' ') {
		line = strchr(line, '\n');
		if (!line)
			return -ENOENT;
		line++;
	}
	*ret = leading_number(line + length + 1);
	return 0;
}

static uint64_t sum_after(const char *text, const char *word)
{
	uint64_t sum = 0;

	while ((text = strstr(text, word))) {
		text += strlen(word);
		sum += leading_number(text);
	}
	return sum;
}

void cgroup_text_io_v1(const char *text, uint64_t *ret_read, uint64_t *ret_written)
{
	*ret_read = sum_after(text, " Read ");
	*ret_written = sum_after(text, " Write ");
}

void cgroup_text_io_v2(const char *text, uint64_t *ret_read, uint64_t *ret_written)
{
	*ret_read = sum_after(text, " rbytes=");
	*ret_written = sum_after(text, " wbytes=");
}

/*
 * The kernel's own scale for cpu.weight (cpu_weight_write_u64() in kernel/sched/core.c), so that a
 * weight means the same on v1 and v2. The OCI runtimes' older formula maps the default weight of
 * 100 to 2597 shares, two and a half times what every other group has.
 */
uint64_t cgroup_weight_to_shares(uint64_t weight)
{
	return (weight * 1024 + 50) / 100;
}

/*
 * The kernel takes 0 as "no limit" on v1, UINT64_MAX and UINT32_MAX operations on v2, and cuts the
 * number of operations to 32 bits on v1.
 */
int cgroup_io_check(const struct spec_io *io, struct err *err)
{
	const struct {
		const char *key;
		uint64_t value, max;
	} parts[] = {
		{ "rbps", io->rbps, INT64_MAX },
		{ "wbps", io->wbps, INT64_MAX },
		{ "riops", io->riops, UINT32_MAX - 1 },
		{ "wiops", io->wiops, UINT32_MAX - 1 },
	};

	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].value != SPEC_UNSET &&
		    (parts[i].value == 0 || parts[i].value > parts[i].max))
			return err_say(err, ERANGE,
			    "--io-max: %s of device %u:%u must be 1 to %" PRIu64, parts[i].key,
			    io->major, io->minor, parts[i].max);
	return 0;
}

/* `unset` stands for a limit that is not set; NULL leaves it out. */
static int io_format(const struct spec_io *io, const char *unset, char *buffer, size_t size)
{
	const struct {
		const char *key;
		uint64_t value;
	} parts[] = {
		{ "rbps", io->rbps },
		{ "wbps", io->wbps },
		{ "riops", io->riops },
		{ "wiops", io->wiops },
	};
	int used = snprintf(buffer, size, "%u:%u", io->major, io->minor);

	for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char number[24];
		if (used < 0 || (size_t)used >= size)
			return -ENOBUFS;
		snprintf(number, sizeof(number), "%" PRIu64, parts[i].value);
		if (parts[i].value != SPEC_UNSET || unset)
			used += snprintf(buffer + used, size - (size_t)used, " %s=%s", parts[i].key,
			    parts[i].value != SPEC_UNSET ? number : unset);
	}
	return used < 0 || (size_t)used >= size ? -ENOBUFS : 0;
}

int cgroup_io_format(const struct spec_io *io, char *buffer, size_t size)
{
	return io_format(io, NULL, buffer, size);
}

int cgroup_io_format_all(const struct spec_io *io, char *buffer, size_t size)
{
	return io_format(io, "max", buffer, size);
}

static int source_read(int dir, const struct cgroup_source *source, uint64_t *ret)
{
	char text[CGROUP_VALUE_MAX];

	if (!source->key)
		return cgroup_file_number(dir, source->file, ret);
	int r = cgroup_file_read(dir, source->file, text, sizeof(text));
	return r < 0 ? r : cgroup_text_key(text, source->key, ret);
}

void cgroup_sources_read(
    const struct cgroup *cgroup, const struct cgroup_source *table, struct cgroup_stats *ret)
{
	for (const struct cgroup_source *source = table; source->file; source++) {
		const struct cgroup_folder *folder = cgroup_folder_of(cgroup, source->controller);
		uint64_t *field = (uint64_t *)((char *)ret + source->offset);
		uint64_t value = SPEC_UNSET;
		if (folder && source_read(folder->dir, source, &value) == 0 && value != SPEC_UNSET)
			value /= source->divisor;
		*field = value;
	}
}
