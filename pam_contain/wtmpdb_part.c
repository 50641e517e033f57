/* SPDX-License-Identifier: MIT */
#include "pam_contain/wtmpdb_part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wtmpdb.h>

static uint64_t now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return wtmpdb_timespec2usec(ts);
}

/* The process ends soon, and what the library has allocated goes with it. */
static int complain(const char *what, const char *why, struct err *err)
{
	return err_say(err, EIO, "%s: %s", what, why ?: "no reason given");
}

static int login(const struct wtmpdb_request *request, struct err *err)
{
	char *why = NULL;
	int64_t id = wtmpdb_login(NULL, USER_PROCESS, request->user, now(), request->line,
	    request->host, request->service, &why);

	return id < 0 ? complain("wtmpdb_login", why, err) : 0;
}

struct search {
	const struct wtmpdb_request *request;
	int64_t found; /* -1: nothing yet */
};

static const char *column(int count, char **values, char **names, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return values[i] ?: "";
	return "";
}

/* Rows come in any order. */
static int look_at(void *data, int count, char **values, char **names)
{
	struct search *search = data;
	int64_t id = strtoll(column(count, values, names, "ID"), NULL, 10);

	if (!*column(count, values, names, "Logout") && id > search->found &&
	    strcmp(column(count, values, names, "TTY"), search->request->line) == 0 &&
	    strcmp(column(count, values, names, "User"), search->request->user) == 0)
		search->found = id;
	return 0;
}

static int64_t find_of_user(const struct wtmpdb_request *request, char **why)
{
	struct search search = { .request = request, .found = -1 };

	return wtmpdb_read_all_v2(NULL, look_at, &search, why) < 0 ? -1 : search.found;
}

static int logout(const struct wtmpdb_request *request, struct err *err)
{
	char *why = NULL;
	int64_t id = request->event == WTMPDB_LOGOUT_USER
			 ? find_of_user(request, &why)
			 : wtmpdb_get_id(NULL, request->line, &why);

	if (id < 0)
		return err_say(err, ENOENT, "wtmpdb has no login on %s", request->line);
	return wtmpdb_logout(NULL, id, now(), &why) < 0 ? complain("wtmpdb_logout", why, err) : 0;
}

int contain_wtmpdb(const struct wtmpdb_request *request, struct err *err)
{
	return request->event == WTMPDB_LOGIN ? login(request, err) : logout(request, err);
}
