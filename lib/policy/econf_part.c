/* SPDX-License-Identifier: MIT */
#include "lib/policy/econf_part.h"

#include <errno.h>
#include <libeconf.h>
#include <string.h>

static int get_value(econf_file *file, struct econf_value *value, struct err *err)
{
	econf_err code = econf_getStringValue(file, value->section, value->name, &value->value);

	if (code == ECONF_SUCCESS && !value->value)
		value->value = strdup("");
	if (code == ECONF_NOMEM || (code == ECONF_SUCCESS && !value->value))
		return err_sys(err, ENOMEM, "[%s] %.64s", value->section, value->name);
	if (code == ECONF_SUCCESS)
		return 0;
	/* What scan.c takes for a key is none to this libeconf: rather nothing than half of it. */
	return err_say(err, EBADMSG, "[%s] %.64s: libeconf says: %s", value->section, value->name,
	    econf_errString(code));
}

__attribute__((visibility("default"))) int contain_policy_values(
    const char *path, struct econf_value *values, size_t count, struct err *err)
{
	econf_file *file = NULL;
	econf_err code = econf_readFile(&file, path, "=", "#");
	int r = 0;

	if (code != ECONF_SUCCESS)
		return err_say(err, code == ECONF_NOMEM ? ENOMEM : EBADMSG, "libeconf says: %s",
		    econf_errString(code));
	for (size_t i = 0; r == 0 && i < count; i++)
		r = get_value(file, &values[i], err);
	econf_freeFile(file);
	return r;
}
