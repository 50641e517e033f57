/* SPDX-License-Identifier: MIT */
#ifndef CONTAINCTL_AMOUNT_H
#define CONTAINCTL_AMOUNT_H

#include <stdint.h>

/* How much and how long ago, for people. */

/* Bytes with three digits at most and a unit, powers of 1024: "999B", "1.5K", "118M", "32.0G". */
#define AMOUNT_TEXT_MAX 16
void amount_bytes(uint64_t bytes, char text[AMOUNT_TEXT_MAX]);

/* Seconds in the largest unit that there is one of: "5 seconds", "1 minute", "3 days", "2 years".
 */
#define AMOUNT_AGE_MAX 32
void amount_age(int64_t seconds, char text[AMOUNT_AGE_MAX]);

#endif
