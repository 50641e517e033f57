/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_KEYS_ROWS_H
#define CONTAIN_POLICY_KEYS_ROWS_H

/*
 * What the rows of keys.c point to, a file per section: keys_jail.c, keys_rootfs.c, keys_limits.c,
 * keys_network.c, keys_security.c, keys_environment.c, and keys_run.c for those of no section. The
 * contracts are those of struct policy_key.
 */

#include "lib/base/err.h"
#include "lib/base/json.h"
#include "lib/policy/spec.h"

typedef int key_parse(struct jail_spec *spec, const char *value, struct err *err);
typedef void key_print(const struct jail_spec *spec, const char *name, struct json *json);
typedef void key_clear(struct jail_spec *spec);

key_parse key_parse_enable, key_parse_scope, key_parse_service, key_parse_linger, key_parse_grace,
    key_parse_on_error, key_parse_name, key_parse_hostname;
key_print key_print_enable, key_print_scope, key_print_services, key_print_linger, key_print_grace,
    key_print_on_error, key_print_name, key_print_hostname;
key_clear key_clear_services;

key_parse key_parse_source, key_parse_image, key_parse_overlay, key_parse_readonly, key_parse_home,
    key_parse_volume, key_parse_ro_volume, key_parse_tmpfs, key_parse_hide;
key_print key_print_source, key_print_overlay, key_print_readonly, key_print_home,
    key_print_volumes, key_print_tmpfs, key_print_hide;
key_clear key_clear_volumes, key_clear_tmpfs, key_clear_hide;

key_parse key_parse_memory, key_parse_swap, key_parse_cpu, key_parse_cpus, key_parse_core_ids,
    key_parse_cpu_weight, key_parse_pids, key_parse_io_max, key_parse_rlimit;
key_print key_print_memory, key_print_swap, key_print_cpu, key_print_core_ids, key_print_cpu_weight,
    key_print_pids, key_print_io_max, key_print_rlimits;
key_clear key_clear_io_max, key_clear_rlimits;

key_parse key_parse_network, key_parse_address, key_parse_gateway, key_parse_bridge,
    key_parse_isolate, key_parse_bandwidth, key_parse_egress, key_parse_host_access, key_parse_nat,
    key_parse_publish, key_parse_dns, key_parse_pool;
key_print key_print_network, key_print_addresses, key_print_gateway, key_print_bridge,
    key_print_isolate, key_print_bandwidth, key_print_egress, key_print_host_access, key_print_nat,
    key_print_publish, key_print_dns, key_print_pool;
key_clear key_clear_addresses, key_clear_gateway, key_clear_egress, key_clear_host_access,
    key_clear_publish, key_clear_dns, key_clear_pool;

key_parse key_parse_userns, key_parse_capability, key_parse_cap_add, key_parse_cap_drop,
    key_parse_seccomp, key_parse_allow_setuid, key_parse_nested_userns;
key_print key_print_userns, key_print_capabilities, key_print_cap_add, key_print_cap_drop,
    key_print_seccomp, key_print_allow_setuid, key_print_nested_userns;
key_clear key_clear_capabilities;

key_parse key_parse_env, key_parse_env_file;
key_print key_print_env;

key_parse key_parse_clear_env, key_parse_user, key_parse_workdir, key_parse_tty, key_parse_terminal,
    key_parse_no_init, key_parse_timeout;
key_print key_print_clear_env, key_print_user, key_print_workdir, key_print_tty, key_print_no_init,
    key_print_timeout;

/* A number, or null for SPEC_UNSET. */
void key_print_amount(struct json *json, const char *name, uint64_t value);

/* A duration in seconds, or null for SPEC_UNSET. */
void key_print_duration(struct json *json, const char *name, uint64_t milliseconds);

/* An array of strings. */
void key_print_list(struct json *json, const char *name, const struct strv *list);

#endif
