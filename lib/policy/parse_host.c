/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "lib/policy/parse.h"

#define LABEL_MAX 63 /* RFC 1035, 2.3.4, as is SPEC_HOST_MAX */

/* Why it is no name, as the end of a sentence; NULL: it is one. Which characters there are is also
 * what keeps a name from being anything else in a line of dnsmasq(8)'s or nft(8)'s. */
static const char *refuse_label(const char *label, size_t length)
{
	if (length == 0)
		return "has nothing between two dots, or ends with one";
	if (length > LABEL_MAX)
		return "has more than 63 characters between two dots";
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)label[i];
		if (c >= 0x80)
			return "is to be written in its form with xn--, as idn2(1) prints it";
		if (!isalnum(c) && c != '-' && c != '_')
			return "has more in it than letters, digits, \"-\", \"_\" and dots";
	}
	return label[0] == '-' || label[length - 1] == '-' ? "has a \"-\" beside a dot or an end"
							   : NULL;
}

static const char *refuse_name(const char *name)
{
	const char *label = name;
	size_t length;

	if (strlen(name) > SPEC_HOST_MAX)
		return "has more than 253 characters";
	for (;; label += length + 1) {
		length = strcspn(label, ".");
		const char *why = refuse_label(label, length);
		if (why)
			return why;
		if (!label[length])
			break;
	}
	/* Nobody asks for such a name: RFC 3696, 2. */
	return strspn(label, "0123456789") == length
		   ? "ends with a number: an address stands there without host:"
		   : NULL;
}

int parse_host(const char *text, char **field, struct err *err)
{
	const char *name = strncmp(text, "*.", 2) == 0 ? text + 2 : text;
	const char *why = refuse_name(name);

	if (why)
		return err_say(err, EINVAL,
		    "\"host:%.128s\" %s: use host:example.org for this name, and "
		    "host:*.example.org "
		    "for all below it",
		    text, why);
	int r = parse_text(text, field, err);
	for (char *c = *field; r == 0 && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return r;
}
