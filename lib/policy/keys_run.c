/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "lib/policy/keys_rows.h"
#include "lib/policy/parse.h"

int key_parse_clear_env(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_flag(value, &spec->identity.clear_environment, err);
}

void key_print_clear_env(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_bool(json, name, spec->identity.clear_environment);
}

int key_parse_user(struct jail_spec *spec, const char *value, struct err *err)
{
	int r = parse_user(value, err);

	return r < 0 ? r : parse_text(value, &spec->identity.user, err);
}

void key_print_user(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name, spec->identity.user ?: "0");
}

int key_parse_workdir(struct jail_spec *spec, const char *value, struct err *err)
{
	if (*value != '/')
		return err_say(err, EINVAL,
		    "\"%.128s\" is not a directory in the container: it must begin with \"/\"",
		    value);
	return parse_text(value, &spec->root.workdir, err);
}

void key_print_workdir(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name, spec->root.workdir ?: "/");
}

static const struct parse_choice tty_modes[] = { { "auto", TTY_AUTO }, { "yes", TTY_YES },
	{ "no", TTY_NO }, { NULL, 0 } };

int key_parse_tty(struct jail_spec *spec, const char *value, struct err *err)
{
	int mode = 0;
	int r = parse_choice(value, tty_modes, &mode, err);

	if (r == 0)
		spec->run.tty = (enum tty_mode)mode;
	return r;
}

int key_parse_terminal(struct jail_spec *spec, const char *value, struct err *err)
{
	bool on = false;
	int r = parse_flag(value, &on, err);

	if (r == 0)
		spec->run.tty = on ? TTY_YES : TTY_NO;
	return r;
}

void key_print_tty(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name, parse_choice_word(tty_modes, spec->run.tty));
}

int key_parse_no_init(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_flag(value, &spec->run.no_init, err);
}

void key_print_no_init(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_bool(json, name, spec->run.no_init);
}

int key_parse_timeout(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_duration(value, 1, &spec->run.timeout_ms, err);
}

void key_print_duration(struct json *json, const char *name, uint64_t milliseconds)
{
	if (milliseconds == SPEC_UNSET)
		json_null(json, name);
	else
		json_double(json, name, (double)milliseconds / 1000);
}

void key_print_timeout(const struct jail_spec *spec, const char *name, struct json *json)
{
	key_print_duration(json, name, spec->run.timeout_ms);
}
