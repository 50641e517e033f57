/* SPDX-License-Identifier: MIT */
#include "lib/kernel/resolver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cleanup.h"
#include "lib/base/fd.h"
#include "lib/base/str.h"
#include "lib/kernel/accounts.h"
#include "lib/kernel/host_names.h"
#include "lib/kernel/private_file.h"

#define CONF_MAX 65536 /* bytes of a resolv.conf; the C library itself reads a few lines */

/* Where resolvers that listen on the host's loopback say which servers they ask. */
static const char *const upstreams[] = {
	"/run/systemd/resolve/resolv.conf", /* systemd-resolved(8) */
	"/run/NetworkManager/no-stub-resolv.conf", /* NetworkManager(8) */ NULL
};

/* The next line of *text, without its end. Returns false when there is none. */
static bool next_line(const char **text, const char **line, int *length)
{
	if (!*text || !**text)
		return false;
	*line = *text;
	*length = (int)strcspn(*text, "\n");
	*text += *length + ((*text)[*length] == '\n');
	return true;
}

/* The address of a "nameserver" line, without a zone; false where it is another line. */
static bool name_server(const char *line, int length, char address[static INET6_ADDRSTRLEN])
{
	char text[128];

	snprintf(text, sizeof(text), "%.*s", length, line);
	return sscanf(text, "nameserver %45[0-9a-fA-F:.]", address) == 1;
}

/* Link-local ones are of an interface that the jail does not have. */
static bool is_reachable(const char *text)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (inet_pton(AF_INET, text, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 != 127 && v4.s_addr != 0;
	return inet_pton(AF_INET6, text, &v6) == 1 && !IN6_IS_ADDR_LOOPBACK(&v6) &&
	       !IN6_IS_ADDR_UNSPECIFIED(&v6) && !IN6_IS_ADDR_LINKLOCAL(&v6);
}

/* Those that can be reached. Returns how many. */
static unsigned print_servers(FILE *out, const char *text)
{
	char address[INET6_ADDRSTRLEN];
	const char *line;
	unsigned count = 0;
	int length;

	while (next_line(&text, &line, &length)) {
		if (!name_server(line, length, address) || !is_reachable(address))
			continue;
		fprintf(out, "nameserver %s\n", address);
		count++;
	}
	return count;
}

/* Which names are searched for, and how. */
static void print_others(FILE *out, const char *text)
{
	static const char *const words[] = { "search ", "domain ", "options " };
	const char *line;
	int length;

	while (next_line(&text, &line, &length))
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (strncmp(line, words[i], strlen(words[i])) == 0)
				fprintf(out, "%.*s\n", length, line);
}

static void print_given(FILE *out, const struct spec_network *network)
{
	char text[INET6_ADDRSTRLEN];

	for (unsigned i = 0; i < network->dns_count; i++) {
		const struct spec_address *server = &network->dns_servers[i];
		fprintf(out, "nameserver %s\n",
		    inet_ntop(server->family, &server->ip, text, sizeof(text)));
	}
}

static void print_conf(
    FILE *out, const struct spec_network *network, const char *host, const char *upstream)
{
	if (network->dns == DNS_NONE) {
		fputs("# none: [network] dns\n", out);
		return;
	}
	if (network->dns == DNS_HOST && network->mode == NETWORK_HOST) {
		fputs(host ?: "", out);
		return;
	}
	print_others(out, host);
	if (network->dns == DNS_GIVEN)
		print_given(out, network);
	else if (!print_servers(out, host) && !print_servers(out, upstream))
		fputs(
		    "# The host's name servers cannot be reached from here: [network] dns\n", out);
}

int resolver_conf(
    const struct spec_network *network, const char *host, const char *upstream, char **ret)
{
	char *made = NULL;
	size_t size;

	FILE *out = open_memstream(&made, &size);

	if (!out)
		return -ENOMEM;
	print_conf(out, network, host, upstream);
	return str_stream_take(out, &made, ret);
}

int resolver_own_conf(const char *conf, char **ret)
{
	char *made = NULL;
	size_t size;
	FILE *out = open_memstream(&made, &size);

	if (!out)
		return -ENOMEM;
	print_others(out, conf);
	fputs("nameserver " HOST_NAMES_SERVER "\n", out);
	return str_stream_take(out, &made, ret);
}

/* Whether a line of hosts(5) gives an address to the name. */
static bool has_name(const char *text, const char *name)
{
	size_t wanted = strlen(name);
	const char *line;
	int length;

	while (next_line(&text, &line, &length)) {
		const char *end = line + strcspn(line, "#\n");
		const char *word = line + strspn(line, " \t");
		for (word += strcspn(word, " \t#\n"); word < end; word += strcspn(word, " \t#\n")) {
			word += strspn(word, " \t");
			if (strcspn(word, " \t#\n") == wanted && strncmp(word, name, wanted) == 0)
				return true;
		}
	}
	return false;
}

int resolver_hosts(const char *hostname, const char *text, char **ret)
{
	char *made = NULL;
	size_t size, length = text ? strlen(text) : 0;
	FILE *out = open_memstream(&made, &size);

	if (!out)
		return -ENOMEM;
	if (!has_name(text, "localhost"))
		fputs("127.0.0.1\tlocalhost\n::1\tlocalhost\n", out);
	fputs(text ?: "", out);
	if (length && text[length - 1] != '\n')
		fputc('\n', out);
	/* Debian's own habit: an address of lo, which is there before any other and stays. */
	if (!has_name(text, hostname))
		fprintf(out, "127.0.1.1\t%s\n", hostname);
	return str_stream_take(out, &made, ret);
}

/* A file of the host's, NULL where it cannot be read: it is only one of several sources. */
static char *read_host(const char *path)
{
	char *text = NULL;
	cleanup_fd int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	return fd >= 0 && fd_read_all(fd, CONF_MAX, &text, NULL, NULL) == 0 ? text : NULL;
}

static char *read_upstream(void)
{
	char *text = NULL;

	for (size_t i = 0; !text && upstreams[i]; i++)
		text = read_host(upstreams[i]);
	return text;
}

static int make_conf(const struct spec_network *network, char **ret)
{
	cleanup_free char *host = read_host("/etc/resolv.conf"), *upstream = read_upstream();

	return resolver_conf(network, host, upstream, ret);
}

static bool to_address(const char *text, struct spec_address *ret)
{
	if (inet_pton(AF_INET, text, &ret->ip.v4) == 1)
		*ret = (struct spec_address){ .family = AF_INET, .ip = ret->ip, .prefix = 32 };
	else if (inet_pton(AF_INET6, text, &ret->ip.v6) == 1)
		*ret = (struct spec_address){ .family = AF_INET6, .ip = ret->ip, .prefix = 128 };
	else
		return false;
	return true;
}

unsigned resolver_servers(
    const struct spec_network *network, struct spec_address ret[static SPEC_DNS_MAX])
{
	cleanup_free char *made = NULL;
	char address[INET6_ADDRSTRLEN];
	const char *line;
	unsigned count = 0;
	int length;

	if (make_conf(network, &made) < 0)
		return 0;
	for (const char *text = made; count < SPEC_DNS_MAX && next_line(&text, &line, &length);)
		if (name_server(line, length, address) && to_address(address, &ret[count]))
			count++;
	return count;
}

/* A volume is there on purpose; and nothing can be mounted on a file that has no name. */
static bool is_volume(const struct rootfs *rootfs, const char *path)
{
	for (unsigned i = 0; i < rootfs->spec->volume_count; i++)
		if (strcmp(rootfs->spec->volumes[i].target, path) == 0)
			return true;
	return false;
}

static int make_conf_of_jail(const struct jail_spec *spec, char **ret)
{
	cleanup_free char *made = NULL;
	int r = make_conf(&spec->network, &made);

	if (r == 0 && spec_has_hosts(spec))
		return resolver_own_conf(made, ret);
	*ret = take_ptr(made);
	return r;
}

static int mount_conf(struct rootfs *rootfs, const struct jail_spec *spec, struct err *err)
{
	cleanup_free char *made = NULL;

	if (make_conf_of_jail(spec, &made) < 0)
		return err_sys(err, ENOMEM, "cannot make /etc/resolv.conf");
	/* Roots for containers often lack it, and without it nobody is found. */
	if (rootfs_can_grow(rootfs))
		fd_close(rootfs_open_target(rootfs, "etc/resolv.conf", false, NULL));
	return private_file_put(rootfs, made, "etc/resolv.conf", err);
}

static int mount_hosts(const struct rootfs *rootfs, const char *hostname, struct err *err)
{
	cleanup_free char *text = NULL, *made = NULL;
	int r = accounts_read(rootfs->root, "etc/hosts", &text, err);

	if (r < 0 || !text)
		return r;
	if (resolver_hosts(hostname, text, &made) < 0)
		return err_sys(err, ENOMEM, "cannot make /etc/hosts");
	return private_file_put(rootfs, made, "etc/hosts", err);
}

int resolver_files_mount(struct rootfs *rootfs, const struct jail_spec *spec, struct err *err)
{
	const char *hostname = spec->identity.hostname ?: spec->name;
	int r = 0;

	/* Nobody can be asked without a network. */
	if (spec->network.mode != NETWORK_NONE && !is_volume(rootfs, "/etc/resolv.conf"))
		r = mount_conf(rootfs, spec, err);
	if (r == 0 && !is_volume(rootfs, "/etc/hosts"))
		r = mount_hosts(rootfs, hostname, err);
	return r;
}
