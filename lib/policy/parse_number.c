/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "lib/policy/parse.h"

#define DIGITS "0123456789"

int parse_number(const char *text, uint64_t max, uint64_t *ret)
{
	if (text[0] == '0' && text[1])
		return -EINVAL;
	return str_to_u64(text, max, ret);
}

int parse_count(
    const char *text, uint64_t min, uint64_t max, const char *what, uint64_t *ret, struct err *err)
{
	uint64_t value;

	if (parse_number(text, max, &value) < 0 || value < min)
		return err_say(err, EINVAL,
		    "\"%.128s\" is not %s: use a whole number from %" PRIu64 " to %" PRIu64, text,
		    what, min, max);
	*ret = value;
	return 0;
}

int parse_with_unit(const char *text, const struct parse_unit *units, uint64_t max, uint64_t *ret)
{
	char digits[24]; /* more than UINT64_MAX has */
	size_t length = strspn(text, DIGITS);
	uint64_t value;

	while (units->suffix && strcasecmp(units->suffix, text + length) != 0)
		units++;
	if (!units->suffix)
		return -EINVAL;
	if (length >= sizeof(digits))
		return -ERANGE;
	memcpy(digits, text, length);
	digits[length] = '\0';
	int r = parse_number(digits, UINT64_MAX, &value);
	if (r < 0)
		return r;
	if (__builtin_mul_overflow(value, units->factor, &value) || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}
