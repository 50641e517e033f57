/* SPDX-License-Identifier: MIT */
#include "lib/kernel/overlay_stack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>

#include "lib/kernel/mounts.h"

#define OTHERS_MAX 8
#define NAME_ROOM  sizeof("499")

/* "lowerdir=", a name and a colon a layer, and the others. mount(2) reads one page. */
#define TEXT_MAX 4096

/*
 * Nothing that a later start could be surprised by: no redirects, no metadata-only copies
 * (CVE-2023-0386's family), no index. That holds for layers too, whoever made them: what their
 * attributes say of redirects is not followed.
 */
static void add_others(const struct overlay_stack *stack, struct mount_option *options)
{
	unsigned count = 0;

	if (stack->writable) {
		options[count++] = (struct mount_option){ "upperdir", "layer/upper" };
		options[count++] = (struct mount_option){ "workdir", "layer/work" };
	}
	options[count++] = (struct mount_option){ "redirect_dir", "nofollow" };
	options[count++] = (struct mount_option){ "metacopy", "off" };
	options[count++] = (struct mount_option){ "index", "off" };
	if (stack->user_xattrs)
		options[count++] = (struct mount_option){ "userxattr", NULL };
	if (stack->is_volatile)
		options[count++] = (struct mount_option){ "volatile", NULL };
	options[count] = (struct mount_option){ NULL, NULL };
}

/* A single layer is said in the word that all kernels know. */
int overlay_stack_by_options(const struct overlay_stack *stack, struct err *err)
{
	struct mount_option options[OVERLAY_STACK_MAX + OTHERS_MAX];
	char names[OVERLAY_STACK_MAX][NAME_ROOM];

	for (unsigned i = 0; i < stack->count; i++) {
		snprintf(names[i], NAME_ROOM, "%u", i % OVERLAY_STACK_MAX);
		options[i] =
		    (struct mount_option){ stack->count > 1 ? "lowerdir+" : "lowerdir", names[i] };
	}
	add_others(stack, options + stack->count);
	return mount_new("overlay", options, 0, err);
}

static void write_text(const struct overlay_stack *stack, FILE *out)
{
	struct mount_option options[OTHERS_MAX];

	fputs("lowerdir=", out);
	for (unsigned i = 0; i < stack->count; i++)
		fprintf(out, "%s%u", i ? ":" : "", i);
	add_others(stack, options);
	for (const struct mount_option *option = options; option->key; option++)
		fprintf(out, ",%s%s%s", option->key, option->value ? "=" : "", option->value ?: "");
}

int overlay_stack_by_text(const struct overlay_stack *stack, struct err *err)
{
	char text[TEXT_MAX];
	FILE *out = fmemopen(text, sizeof(text), "w");

	if (!out)
		return err_sys(err, errno, "cannot write the options of an overlay");
	write_text(stack, out);
	if (fclose(out) != 0)
		return err_say(err, E2BIG, "the options of an overlay take more than a page");
	if (mount("overlay", "tree", "overlay", 0, text) < 0)
		return err_sys(err, errno, "cannot mount overlay");
	return mount_clone(AT_FDCWD, "tree", false, err);
}

int overlay_stack_mount(const struct overlay_stack *stack, struct err *err)
{
	struct err first = ERR_INIT;
	int tree = overlay_stack_by_options(stack, &first);

	/* EINVAL also means what is wrong with the layers, and the other way then says it again. */
	if (tree == -EINVAL && stack->count > 1) {
		int r = overlay_stack_by_text(stack, err);
		if (r != -EINVAL)
			return r;
	}
	if (tree < 0 && err)
		*err = first;
	return tree;
}
