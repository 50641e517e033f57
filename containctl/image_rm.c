/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "containctl/image.h"

/* The rest goes, whatever becomes of one of them. */
int command_image_rm(struct ctl *ctl, struct err *err)
{
	struct store store = STORE_INIT;
	int r = store_open(STORE_DIRECTORY, false, &store, err), code = CODE_OK;

	if (r == -ENOENT)
		return err_prefix(err, "%s", ctl->words[0]);
	for (size_t i = 0; r == 0 && i < ctl->word_count; i++) {
		struct err own = ERR_INIT;
		if (store_remove_image(&store, ctl->words[i], &own) == 0)
			continue;
		complain("%s", own.text);
		code = CODE_FAILED;
	}
	store_close(&store);
	return r < 0 ? r : code;
}
