/* SPDX-License-Identifier: MIT */
#include "lib/kernel/nftables_part.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <string.h>

/* "/dev/stdin:1:1-5: Error: Could not process rule: ...": without the place, which is ours. */
static int complain(const char *said, struct err *err)
{
	const char *reason = strstr(said, "Error: ");

	reason = reason ? reason + strlen("Error: ") : said;
	return err_say(err, EIO, "the kernel does not take the firewall's rules: %.*s",
	    (int)strcspn(reason, "\n"), *reason ? reason : "no reason given");
}

int contain_nftables_load(const char *commands, struct err *err)
{
	struct nft_ctx *context = nft_ctx_new(NFT_CTX_DEFAULT);
	int r = 0;

	if (!context || nft_ctx_buffer_error(context) != 0 || nft_ctx_buffer_output(context) != 0)
		r = err_sys(err, ENOMEM, "cannot use libnftables");
	else if (nft_run_cmd_from_buffer(context, commands) != 0)
		r = complain(nft_ctx_get_error_buffer(context), err);
	if (context)
		nft_ctx_free(context);
	return r;
}
