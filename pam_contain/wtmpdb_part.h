/* SPDX-License-Identifier: MIT */
#ifndef PAM_CONTAIN_WTMPDB_PART_H
#define PAM_CONTAIN_WTMPDB_PART_H

/*
 * The loadable part contain-wtmpdb.so: the only code that links libwtmpdb, and with it sqlite. It
 * is built where that library is: Debian has it since 13. host_records.c loads it into a child that
 * ends when the record is written.
 */

#include "lib/base/err.h"

#define WTMPDB_PART_FILE   "contain-wtmpdb.so"
#define WTMPDB_PART_SYMBOL "contain_wtmpdb"

enum wtmpdb_event {
	WTMPDB_LOGIN,	   /* a record of all that is below */
	WTMPDB_LOGOUT,	   /* the end of the newest record of this line */
	WTMPDB_LOGOUT_USER /* of the newest one of this line and user, if it has none */
};

struct wtmpdb_request {
	enum wtmpdb_event event;
	const char *line; /* without "/dev/" */
	const char *user, *host, *service;
};

/*
 * Write it into the host's database (wtmpdb(8)), which may wait for whoever else writes it. Returns
 * 0, -ENOENT when there is no such record, -EIO with what the library says. For root.
 */
int contain_wtmpdb(const struct wtmpdb_request *request, struct err *err);

typedef __typeof__(contain_wtmpdb) wtmpdb_fn;

#endif
