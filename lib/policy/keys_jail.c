/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

#include "lib/policy/keys_rows.h"
#include "lib/policy/parse.h"

int key_parse_enable(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_flag(value, &spec->jail.enable, err);
}

void key_print_enable(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_bool(json, name, spec->jail.enable);
}

static const struct parse_choice scopes[] = { { "user", SCOPE_USER }, { "session", SCOPE_SESSION },
	{ NULL, 0 } };

int key_parse_scope(struct jail_spec *spec, const char *value, struct err *err)
{
	int scope = 0;
	int r = parse_choice(value, scopes, &scope, err);

	if (r == 0)
		spec->jail.scope = (enum jail_scope)scope;
	return r;
}

void key_print_scope(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name, parse_choice_word(scopes, spec->jail.scope));
}

int key_parse_service(struct jail_spec *spec, const char *value, struct err *err)
{
	int r = parse_service(value, err);

	if (r == 0 && strv_add(&spec->jail.services, value) < 0)
		r = err_sys(err, ENOMEM, "cannot keep a value");
	return r;
}

void key_print_list(struct json *json, const char *name, const struct strv *list)
{
	json_array(json, name);
	for (size_t i = 0; i < list->count; i++)
		json_string(json, NULL, list->items[i]);
	json_end(json);
}

/* null: all of them. */
void key_print_services(const struct jail_spec *spec, const char *name, struct json *json)
{
	if (spec->jail.services.count)
		key_print_list(json, name, &spec->jail.services);
	else
		json_null(json, name);
}

void key_clear_services(struct jail_spec *spec)
{
	strv_free(&spec->jail.services);
}

int key_parse_linger(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_flag(value, &spec->jail.linger, err);
}

void key_print_linger(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_bool(json, name, spec->jail.linger);
}

int key_parse_grace(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_duration(value, 0, &spec->jail.grace_ms, err);
}

void key_print_grace(const struct jail_spec *spec, const char *name, struct json *json)
{
	key_print_duration(json, name, spec->jail.grace_ms);
}

static const struct parse_choice on_errors[] = { { "refuse", ON_ERROR_REFUSE },
	{ "allow", ON_ERROR_ALLOW }, { NULL, 0 } };

int key_parse_on_error(struct jail_spec *spec, const char *value, struct err *err)
{
	int on_error = 0;
	int r = parse_choice(value, on_errors, &on_error, err);

	if (r == 0)
		spec->jail.on_error = (enum on_error)on_error;
	return r;
}

void key_print_on_error(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name, parse_choice_word(on_errors, spec->jail.on_error));
}

int key_parse_name(struct jail_spec *spec, const char *value, struct err *err)
{
	int r = parse_name(value, err);

	if (r == 0)
		snprintf(spec->name, sizeof(spec->name), "%s", value);
	return r;
}

void key_print_name(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name, spec->name);
}

int key_parse_hostname(struct jail_spec *spec, const char *value, struct err *err)
{
	return parse_or_auto(value, parse_name, &spec->identity.hostname, err);
}

void key_print_hostname(const struct jail_spec *spec, const char *name, struct json *json)
{
	json_string(json, name, spec->identity.hostname ?: spec->name);
}
