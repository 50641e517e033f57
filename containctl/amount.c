/* SPDX-License-Identifier: MIT */
#include "containctl/amount.h"

#include <inttypes.h>
#include <stdio.h>

void amount_bytes(uint64_t bytes, char text[AMOUNT_TEXT_MAX])
{
	static const char units[] = "BKMGTPE";
	double amount = (double)bytes;
	unsigned unit = 0;

	/* 999.5 would be written as 1000. */
	while (amount >= (unit ? 999.5 : 1000)) {
		amount /= 1024;
		unit++;
	}
	snprintf(
	    text, AMOUNT_TEXT_MAX, "%.*f%c", unit && amount < 99.95 ? 1 : 0, amount, units[unit]);
}

void amount_age(int64_t seconds, char text[AMOUNT_AGE_MAX])
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { INT64_C(365) * 86400, "year" }, { INT64_C(30) * 86400, "month" },
		{ 86400, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" } };
	unsigned unit = 0;

	seconds = seconds < 0 ? 0 : seconds;
	while (units[unit].seconds > 1 && seconds < units[unit].seconds)
		unit++;
	int64_t count = seconds / units[unit].seconds;
	snprintf(text, AMOUNT_AGE_MAX, "%" PRId64 " %s%s", count, units[unit].name,
	    count == 1 ? "" : "s");
}
