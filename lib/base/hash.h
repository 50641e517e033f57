/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_BASE_HASH_H
#define CONTAIN_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * 64-bit FNV-1a: to spread things, and to notice that something has changed by accident. Not
 * against anybody who can choose what goes in.
 */
#define HASH_INIT UINT64_C(0xcbf29ce484222325)

/* Of what `sum` is of, with `size` bytes more; begin with HASH_INIT. */
uint64_t hash_mix(uint64_t sum, const void *data, size_t size);

/* Of a string, without its end. */
uint64_t hash_text(const char *text);

#endif
