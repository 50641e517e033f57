/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/pull/oci_part.h"
#include "lib/pull/oci_part_json.h"

/* Numbers of images and pipes count up from 1; blobs have sizes. */
#define NUMBER_MAX OCI_BLOB_MAX

static int take_value(struct json_object *value, struct oci_reply *reply, struct err *err)
{
	if (json_object_is_type(value, json_type_int)) {
		int64_t number = json_object_get_int64(value);
		if (number < 0 || (uint64_t)number > NUMBER_MAX)
			return err_say(err, ERANGE, "the reply: value is out of range");
		reply->number = (uint64_t)number;
	} else if (json_object_is_type(value, json_type_string)) {
		const char *text = json_object_get_string(value);
		if (strlen(text) != (size_t)json_object_get_string_len(value) ||
		    strlen(text) >= sizeof(reply->text))
			return err_say(err, EINVAL, "the reply: value is too long");
		memcpy(reply->text, text, strlen(text) + 1);
	}
	return 0;
}

static int take_reply(struct json_object *json, struct oci_reply *reply, struct err *err)
{
	const struct oci_place place = { "the reply", "" };
	struct json_object *success, *value = NULL;
	const char *error;
	int r = oci_need(&place, json, "success", json_type_boolean, &success, err);

	if (r < 0)
		return r;
	reply->success = json_object_get_boolean(success);
	r = oci_get_text(&place, json, "error", &error, err);
	if (r == 0 && error)
		snprintf(reply->error, sizeof(reply->error), "%s", error);
	if (r == 0)
		r = oci_need_number(&place, json, "pipeid", UINT32_MAX, &reply->pipe, err);
	if (r == 0 && json_object_object_get_ex(json, "value", &value) && value)
		r = take_value(value, reply, err);
	return r;
}

__attribute__((visibility("default"))) int contain_oci_reply(
    const char *text, size_t length, struct oci_reply *ret, struct err *err)
{
	struct json_object *json;
	int r = oci_parse("the reply", text, length, &json, err);

	if (r < 0)
		return r;
	*ret = (struct oci_reply){ .success = false };
	r = take_reply(json, ret, err);
	json_object_put(json);
	return r;
}
