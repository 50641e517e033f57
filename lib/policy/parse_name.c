/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>

#include "lib/policy/parse.h"

#define DIGITS	"0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* All of text consists of `others` and begins with one of `first`. */
static bool consists_of(const char *text, const char *first, const char *others)
{
	return *text && strchr(first, *text) && strspn(text, others) == strlen(text);
}

int parse_name(const char *text, struct err *err)
{
	if (!*text)
		return err_say(err, EINVAL, "a name cannot be empty");
	if (strlen(text) > SPEC_NAME_MAX)
		return err_say(err, ENAMETOOLONG,
		    "\"%.32s...\" is too long for a name: %d characters are the most", text,
		    SPEC_NAME_MAX);
	if (!consists_of(text, LETTERS DIGITS, LETTERS DIGITS "-_."))
		return err_say(err, EINVAL,
		    "\"%.128s\" is not a name: use letters, digits, \"-\", \"_\" and \".\", with a "
		    "letter or digit first",
		    text);
	return 0;
}

int parse_service(const char *text, struct err *err)
{
	if (!consists_of(text, LETTERS DIGITS "_", LETTERS DIGITS "-_.") || strlen(text) > NAME_MAX)
		return err_say(err, EINVAL,
		    "\"%.64s\" is not a PAM service: use the names of files in /etc/pam.d, as in "
		    "sshd",
		    text);
	return 0;
}

/* Letters, digits and what joins them in a name, a host with its port, a tag and a digest. */
int parse_image(const char *text, char **field, struct err *err)
{
	if (!consists_of(text, LETTERS DIGITS "[", LETTERS DIGITS "[]._-/:@"))
		return err_say(err, EINVAL,
		    "\"%.128s\" is not the name of an image: use one as in debian:12, "
		    "registry.example.org/lab/python:3.12 or sha256:...",
		    text);
	return parse_text(text, field, err);
}

int parse_interface(const char *text, char ret[IFNAMSIZ], struct err *err)
{
	if (!consists_of(text, LETTERS DIGITS "_", LETTERS DIGITS "-_.@+") ||
	    strlen(text) >= IFNAMSIZ)
		return err_say(err, EINVAL,
		    "\"%.64s\" is not the name of a network interface: use 1 to %d letters, "
		    "digits, \"-\", \"_\" and \".\"",
		    text, IFNAMSIZ - 1);
	snprintf(ret, IFNAMSIZ, "%s", text);
	return 0;
}

int parse_network_name(const char *text, char ret[SPEC_NETWORK_MAX + 1], struct err *err)
{
	if (!consists_of(text, LETTERS DIGITS, LETTERS DIGITS "-_") ||
	    strlen(text) > SPEC_NETWORK_MAX)
		return err_say(err, EINVAL,
		    "\"%.64s\" is not a network: use none, host, bridge or the name of one, which "
		    "has "
		    "1 to %zu letters, digits, \"-\" and \"_\"",
		    text, SPEC_NETWORK_MAX);
	snprintf(ret, SPEC_NETWORK_MAX + 1, "%s", text);
	return 0;
}

/* A number, or a name as passwd(5) may have it. The highest 32-bit id means "none" to the kernel.
 */
static bool is_account(const char *text)
{
	uint64_t id;

	if (strchr(DIGITS, *text)) /* also of "" */
		return parse_number(text, UINT32_MAX - 1, &id) == 0;
	if (strlen(text) > SPEC_NAME_MAX || strchr("-+#~!", *text))
		return false;
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || strchr("/:,\"\\\x7f", *text))
			return false;
	return true;
}

int parse_user(const char *text, struct err *err)
{
	const char *colon = strchrnul(text, ':');
	char user[SPEC_NAME_MAX + 2];

	snprintf(user, sizeof(user), "%.*s", (int)(colon - text), text);
	if (!is_account(user) || (*colon && !is_account(colon + 1)))
		return err_say(err, EINVAL,
		    "\"%.64s\" is not a user: use a name or a decimal number, and a group if it is "
		    "another than the user's, as in alice, 1000 or 1000:100",
		    text);
	return 0;
}
