/* SPDX-License-Identifier: MIT */
#include "lib/jail/stages.h"

#include "lib/base/clock.h"
#include "lib/jail/stages_command.h"
#include "lib/jail/stages_first.h"
#include "lib/jail/stages_image.h"
#include "lib/jail/stages_supervisor.h"

/* clang-format off */
const struct stage stages[] = {
	/* The supervisor, before there is a jail. What can be refused is refused here. */
	{ STAGE_SUPERVISOR, "ports", stage_ports, undo_ports,
	  "the host's ports are kept from others, until after the record is gone that says where they lead" },
	{ STAGE_SUPERVISOR, "name", stage_name, undo_name,
	  "one jail a name; the record comes first, so that all that follows can be found again" },
	{ STAGE_SUPERVISOR, "control", stage_control, undo_control,
	  "where sessions are offered: as soon as the name is taken, so that those who did not get it wait here" },
	{ STAGE_SUPERVISOR, "ids", stage_ids, undo_ids,
	  "a block of ids that no other jail has, and the user namespace that maps it" },
	{ STAGE_SUPERVISOR, "hosts", stage_hosts, NULL,
	  "names of hosts in the rules: whom they are asked of, and that somebody is there to ask" },
	{ STAGE_SUPERVISOR, "image", stage_image, undo_image,
	  "found in the store, and kept from being removed for as long as the jail lives" },
	{ STAGE_SUPERVISOR, "layer", stage_layer, NULL,
	  "a writable layer belongs to one jail at a time: two would destroy it" },
	{ STAGE_SUPERVISOR, "home", stage_home, undo_home,
	  "where the account's home is to be, as a path that a mount can have" },
	{ STAGE_SUPERVISOR, "filter", stage_filter, undo_filter,
	  "the system call filter, compiled or from the cache, while files of the host can be read" },
	{ STAGE_SUPERVISOR, "cgroup", stage_cgroup, undo_cgroup,
	  "the limits stand before the first process does" },
	{ STAGE_SUPERVISOR, "clone", stage_clone, undo_clone,
	  "the first process, in its namespaces; from here on both work at the same time" },

	/* The first process, still with the rights of the host's root (rootless: of its own). */
	{ STAGE_FIRST, "alive", first_alive, NULL,
	  "it dies with the supervisor from the first moment on" },
	{ STAGE_FIRST, "limits", first_limits, NULL,
	  "into the cgroup before anything is allocated, then a cgroup namespace that starts there" },
	{ STAGE_FIRST, "namespaces", first_namespaces, NULL,
	  "into the ones that belong to the jail because capabilities over them were asked for" },
	{ STAGE_FIRST, "hostname", first_hostname, NULL,
	  "while the UTS namespace can be changed" },
	{ STAGE_FIRST, "loopback", first_loopback, NULL,
	  "every jail with a network of its own has lo up" },
	{ STAGE_FIRST, "init", first_init, NULL,
	  "contain-init is opened, read-only, while the host's files can be seen" },
	{ STAGE_FIRST, "layers", first_layers, NULL,
	  "of an image, opened while the store can be seen" },
	{ STAGE_FIRST, "root", first_root, NULL,
	  "the tree, attached at a staging place of a mount namespace that nobody else sees" },
	{ STAGE_FIRST, "dev", first_dev, NULL,
	  "before proc and sys, whose files are covered with its /dev/null" },
	{ STAGE_FIRST, "proc", first_proc, NULL,
	  "mounted by ourselves and checked, before anything in it is used" },
	{ STAGE_FIRST, "sys", first_sys, NULL,
	  "after the network namespace is there, which it shows; with the cgroup in it" },
	{ STAGE_FIRST, "hide", first_hide, NULL,
	  "of the host's root: before the home and volumes, which may show parts of it again" },
	{ STAGE_FIRST, "home", first_home, NULL,
	  "of the account, if it is somebody's jail: before volumes, which may lie in it" },
	{ STAGE_FIRST, "volumes", first_volumes, NULL,
	  "on top of all but proc, dev and sys, which they cannot cover" },
	{ STAGE_FIRST, "workdir", first_workdir, NULL,
	  "an image need not have its own: made where it is missing, which may be in a volume" },
	{ STAGE_FIRST, "names", first_names, NULL,
	  "resolv.conf and hosts: from what the host has and, below them, what the root has" },
	{ STAGE_FIRST, "account", first_account, NULL,
	  "its entries in passwd and group, its records, the host's log: on top of the root's own files" },
	{ STAGE_FIRST, "user", first_user, NULL,
	  "looked up in the jail's own files, or its shell looked for, when the tree is complete" },
	{ STAGE_FIRST, "terminal", first_terminal, NULL,
	  "from the jail's own devpts, for the user, with the caller's size before the command starts" },
	{ STAGE_FIRST, "readonly", first_readonly, NULL,
	  "when nothing needs to be made in the tree any more" },
	{ STAGE_FIRST, "pivot", first_pivot, NULL,
	  "the tree becomes /; the host's files are out of reach" },
	{ STAGE_FIRST, "lock", first_lock, NULL,
	  "into the user namespace, and a copy of the mounts that it cannot take apart: last, because "
	  "from here on the rights are only the jail's" },
	{ STAGE_FIRST, "clean", first_clean, NULL,
	  "a session keyring and an OOM score of its own, nothing of the caller's" },
	{ STAGE_FIRST, "built", first_built, NULL,
	  "tell the supervisor, and wait until it has connected the network or taken the terminal" },
	{ STAGE_FIRST, "command", first_command, NULL,
	  "fork the command, if there is one, and become contain-init" },

	/* The supervisor meanwhile. */
	{ STAGE_SUPERVISOR, "placed", stage_placed, NULL,
	  "write the maps that the first process cannot write itself, and let it begin" },
	{ STAGE_SUPERVISOR, "network", stage_network, undo_network,
	  "connected by a helper while the first process mounts" },
	{ STAGE_SUPERVISOR, "pasta", stage_pasta, undo_pasta,
	  "an ordinary user's is connected by pasta, which lives as long as the jail" },
	{ STAGE_SUPERVISOR, "lookup", stage_lookup, undo_lookup,
	  "who looks the names of hosts up begins meanwhile; it needs the jail's lo, and no more" },
	{ STAGE_SUPERVISOR, "built", stage_built, NULL,
	  "wait for the first process, and take the terminal from it" },
	{ STAGE_SUPERVISOR, "connected", stage_connected, NULL,
	  "wait for the network" },
	{ STAGE_SUPERVISOR, "looked up", stage_looked_up, NULL,
	  "the command may ask for a name at once: it can be asked for, and the rules are there that its "
	  "addresses go into" },
	{ STAGE_SUPERVISOR, "publish", stage_publish, NULL,
	  "when there is somebody to lead to; taken back with the record" },
	{ STAGE_SUPERVISOR, "start", stage_start, undo_start,
	  "let the command run, and hear whether it could" },

	/* The command, in the jail, until it is exec'd: each step takes away what the next needs no more. */
	{ STAGE_COMMAND, "session", command_session, NULL,
	  "a process group of its own, in the foreground of its terminal" },
	{ STAGE_COMMAND, "rlimits", command_rlimits, NULL,
	  "of the command only: contain-init must not hit them" },
	{ STAGE_COMMAND, "setuid filter", command_early_filter, NULL,
	  "without no_new_privs a filter takes CAP_SYS_ADMIN, which goes next" },
	{ STAGE_COMMAND, "credentials", command_credentials, NULL,
	  "ids, then capabilities, both proven" },
	{ STAGE_COMMAND, "workdir", command_workdir, NULL,
	  "with the user's rights, and never through a link to an open descriptor" },
	{ STAGE_COMMAND, "inherit", command_inherit, NULL,
	  "signal mask and umask as the caller had them" },
	{ STAGE_COMMAND, "filter", command_filter, NULL,
	  "no_new_privs and the filter, last, so that it need not allow the steps before" },
	{ STAGE_COMMAND, "gate", command_gate, NULL,
	  "until PID 1 is contain-init: nothing of the supervisor's program is left in the jail then" },
	{ STAGE_COMMAND, "exec", command_exec, NULL,
	  "found by the jail's PATH, with an environment made from nothing" },
	{ 0, NULL, NULL, NULL, NULL },
};
/* clang-format on */

bool stages_first_waits(const struct jail *jail)
{
	enum network_mode mode = jail->spec->network.mode;

	return jail->terminal || mode == NETWORK_BRIDGE || mode == NETWORK_PASTA;
}

static void tell(const struct jail *jail, const struct stage *stage)
{
	const struct jail_settings *settings = jail->settings;

	if (settings->progress)
		settings->progress(settings->progress_data, stage->name, stage->why,
		    clock_now() - jail->opened_us);
}

int stages_apply(struct jail *jail, enum stage_place place, struct err *err)
{
	for (unsigned i = 0; stages[i].name; i++) {
		if (stages[i].place != place)
			continue;
		tell(jail, &stages[i]);
		/* A stage that fails is undone too: it may have come half way. */
		if (place == STAGE_SUPERVISOR)
			jail->applied = i + 1;
		if (stages[i].apply(jail, err) < 0)
			return err_stage(err, stages[i].name);
	}
	return 0;
}

void stages_undo(struct jail *jail)
{
	while (jail->applied-- > 0) {
		const struct stage *stage = &stages[jail->applied];
		if (stage->place == STAGE_SUPERVISOR && stage->undo)
			stage->undo(jail);
	}
	jail->applied = 0;
}
