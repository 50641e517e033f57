/* SPDX-License-Identifier: MIT */
#ifndef CONTAIN_POLICY_SPEC_H
#define CONTAIN_POLICY_SPEC_H

/*
 * struct jail_spec: everything there is to know about a jail before it is built.
 *
 * Made by lib/policy from options and policy files, const from then on. Nothing here is a
 * descriptor, a pid or anything else that only a running jail has.
 */

#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/policy/account.h"

/* Also a host name (RFC 1123) and part of file and cgroup names. */
#define SPEC_NAME_MAX 63

/* A name in the DNS, without a dot at its end. */
#define SPEC_HOST_MAX 253

/* "no value given", for limits of which 0 means something. No size or count parses to it. */
#define SPEC_UNSET UINT64_MAX

/* "unlimited" in so many words, for what is limited unless somebody says so. */
#define SPEC_UNLIMITED (UINT64_MAX - 1)

#define SPEC_VOLUMES_MAX    128
#define SPEC_TMPFS_MAX	    64
#define SPEC_HIDE_MAX	    64
#define SPEC_IO_MAX	    16
#define SPEC_ADDRESSES_MAX  8
#define SPEC_EGRESS_MAX	    64
#define SPEC_PUBLISH_MAX    32
#define SPEC_HOST_PORTS_MAX 32
#define SPEC_GATEWAYS_MAX   2 /* one of each family */
#define SPEC_POOLS_MAX	    4
#define SPEC_DNS_MAX	    3 /* MAXNS of resolv.h: the C library asks no more */

enum root_source { ROOT_HOST, ROOT_DIRECTORY, ROOT_IMAGE };
enum home_source { HOME_HOST, HOME_TMPFS, HOME_NONE, HOME_DIRECTORY };
enum jail_scope { SCOPE_USER, SCOPE_SESSION };
enum on_error { ON_ERROR_REFUSE, ON_ERROR_ALLOW };
enum overlay_mode { OVERLAY_AUTO, OVERLAY_NONE, OVERLAY_TMPFS, OVERLAY_DIRECTORY };
enum network_mode {
	NETWORK_NONE,
	NETWORK_HOST,
	NETWORK_BRIDGE,
	NETWORK_PASTA, /* an ordinary user's, by pasta(1) */
};
enum choice { CHOICE_AUTO, CHOICE_YES, CHOICE_NO };
enum host_access { HOST_ACCESS_AUTO, HOST_ACCESS_ALL, HOST_ACCESS_NONE, HOST_ACCESS_PORTS };
enum egress_target {
	EGRESS_ANY,
	EGRESS_INTERNET, /* but for what is private, and metadata */
	EGRESS_PRIVATE,	 /* networks that are not the internet's */
	EGRESS_METADATA, /* of clouds: where a machine asks for its secrets */
	EGRESS_SUBNET,
	EGRESS_HOST, /* by its name */
};
enum dns_mode { DNS_HOST, DNS_NONE, DNS_GIVEN };
enum userns_mode { USERNS_PRIVATE, USERNS_HOST };
enum seccomp_mode { SECCOMP_PROFILE_DEFAULT, SECCOMP_PROFILE_NONE, SECCOMP_PROFILE_FILE };
enum tty_mode { TTY_AUTO, TTY_YES, TTY_NO };

struct spec_volume {
	char *source; /* a host path, as given; relative ones are from the caller's directory */
	char *target; /* absolute, in the jail */
	bool readonly;
	bool idmap; /* files of id N on disk belong to id N of the jail, instead of to its nobody */
};

struct spec_tmpfs {
	char *target;  /* absolute, in the jail */
	uint64_t size; /* bytes; SPEC_UNSET: the kernel's default, half of the memory */
	unsigned mode; /* permissions of its root, 01777 unless given */
};

struct spec_root {
	enum root_source source;
	char *path;	/* ROOT_DIRECTORY: as given */
	char *image;	/* ROOT_IMAGE: its name or id, as given */
	char *image_id; /* the image that this name has been found to mean already; NULL: it is
			   looked up when the jail is built */
	enum overlay_mode overlay; /* spec_overlay() */
	char *overlay_path;	   /* OVERLAY_DIRECTORY: holds upper/ and work/ */
	bool readonly;
	struct spec_volume *volumes; /* in the order given: later ones cover earlier ones */
	unsigned volume_count;
	struct spec_tmpfs *tmpfs;
	unsigned tmpfs_count;
	char *workdir;	  /* absolute, in the jail; NULL: "/" */
	struct strv hide; /* absolute, in the jail: covered by something empty where they exist */

	/* What is at the place of the account's home; of no meaning without an account. */
	enum home_source home;
	char *home_path; /* HOME_DIRECTORY: a directory of the host */
};

struct spec_io {
	unsigned major, minor; /* the whole block device */
	uint64_t rbps, wbps;   /* bytes a second, SPEC_UNSET: no limit */
	uint64_t riops, wiops; /* operations a second, SPEC_UNSET: no limit */
};

/* setrlimit(2); index is the RLIMIT_* constant. */
struct spec_rlimit {
	bool set;
	uint64_t soft, hard; /* RLIM_INFINITY: unlimited */
};

struct spec_limits {
	uint64_t memory;     /* bytes, SPEC_UNSET: no limit */
	uint64_t swap;	     /* bytes of swap besides memory, or SPEC_UNLIMITED; SPEC_UNSET: none
			where the kernel counts swap */
	uint64_t cpu_quota;  /* us per cpu_period, SPEC_UNSET: no limit */
	uint64_t cpu_period; /* us, 100000 unless set */
	uint64_t cpu_weight; /* 1..10000 as in cgroup v2, SPEC_UNSET: the default of 100 */
	bool cpus_set;
	cpu_set_t cpus;
	uint64_t pids; /* tasks, SPEC_UNSET: no limit */
	struct spec_io io[SPEC_IO_MAX];
	unsigned io_count;
	struct spec_rlimit rlimits[16 /* RLIM_NLIMITS, checked in spec.c */];
};

/* An interface address with its prefix length, as in 192.168.2.17/24 or fd00::17/64. */
struct spec_address {
	int family; /* AF_INET or AF_INET6 */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	} ip; /* network byte order */
	unsigned prefix;
};

struct spec_ports {
	uint8_t protocol;     /* IPPROTO_TCP, IPPROTO_UDP; 0: any, or both where there are ports */
	uint16_t first, last; /* 0: any */
};

/* What a jail may send, or not. */
struct spec_egress {
	bool allow;
	enum egress_target target;
	struct spec_address subnet; /* EGRESS_SUBNET; the prefix may be 0 */
	char *host; /* EGRESS_HOST: "example.org", itself and nothing below it; "*.example.org",
		       what is below it and not itself. Small letters; owned by the spec */
	struct spec_ports ports;
};

/* A port of the host's that leads into the jail. */
struct spec_publish {
	uint8_t protocol;	  /* IPPROTO_TCP, IPPROTO_UDP */
	struct spec_address host; /* which of the host's addresses; family 0: all of them. The
				     prefix means nothing */
	uint16_t host_port;
	uint16_t port; /* the jail's */
};

/* The bridge of a network that has pools is called after it, so that one is as long as the other
 * lets it be: "ct-lab". */
#define SPEC_BRIDGE_PREFIX "ct-"
#define SPEC_NETWORK_MAX   (IFNAMSIZ - sizeof(SPEC_BRIDGE_PREFIX))

struct spec_network {
	enum network_mode mode;
	bool mode_set; /* said so, and not only implied by a bridge or an address */
	/* "": none. Else NETWORK_BRIDGE, and what networks/NAME.conf says is to be put in here
	 * before all else: policy_load() does. */
	char name[SPEC_NETWORK_MAX + 1];
	/* Of that network: addresses of its bridge, which is ours then, with the prefix of each
	 * pool. 0: `bridge` is somebody's. */
	struct spec_address pools[SPEC_POOLS_MAX];
	unsigned pool_count;
	char bridge[IFNAMSIZ]; /* "": our own, contain0 */
	struct spec_address
	    addresses[SPEC_ADDRESSES_MAX]; /* none: leased from the bridge's subnets */
	unsigned address_count;
	bool no_gateway; /* not even the bridge */
	/* Of a family that has none here it is the bridge. The prefix means nothing. */
	struct spec_address gateways[SPEC_GATEWAYS_MAX];
	unsigned gateway_count;
	enum choice isolate; /* from other isolated jails of the bridge: spec_is_isolated() */
	uint64_t bandwidth_down, bandwidth_up; /* bits a second; 0: no limit */
	enum host_access host_access;	       /* to the host's own services: spec_host_access() */
	struct spec_ports host_ports[SPEC_HOST_PORTS_MAX]; /* HOST_ACCESS_PORTS */
	unsigned host_port_count;
	/* In this order, the first that fits; then no. None: spec_egress() says. */
	struct spec_egress egress[SPEC_EGRESS_MAX];
	unsigned egress_count;
	bool egress_denies;   /* while it is parsed: what the next destination is */
	bool egress_dangling; /* the last word was allow or deny, with nothing behind it */
	bool nat_off; /* no firewall of the host's is asked for: whoever runs it forwards and
			 translates */
	struct spec_publish publish[SPEC_PUBLISH_MAX];
	unsigned publish_count;
	enum dns_mode dns;
	struct spec_address dns_servers[SPEC_DNS_MAX]; /* DNS_GIVEN; the prefix means nothing */
	unsigned dns_count;
};

struct spec_identity {
	char *hostname; /* NULL: the jail's name */
	char *user;	/* USER|UID[:GROUP|GID], looked up in the jail's root; NULL: root */
	struct strv environment; /* "K=V", given by the administrator */
	bool clear_environment;	 /* start from nothing instead of a minimal environment */
	enum userns_mode userns;
	uint64_t capabilities;	 /* bounding set of the command, bit n = capability n */
	bool capabilities_given; /* what it was made of: capabilities_base if this is set, else */
	uint64_t capabilities_base;  /* the default set, or that of an account's jail */
	uint64_t capabilities_added; /* and these, by name or SPEC_CAPABILITY_ALL */
	uint64_t capabilities_dropped;
	uint64_t jail_owned_for; /* those of them that were asked for and need a namespace that
				    belongs to the jail: see spec_jail_owned_namespaces() */
	enum seccomp_mode seccomp;
	char *seccomp_path; /* SECCOMP_PROFILE_FILE */
	bool allow_setuid;  /* set-user-ID programs gain privileges: no no_new_privs, no nosuid */
	bool
	    nested_userns; /* the filter lets the command make user namespaces, and mount in them */
};

/* Which logins of an account get a jail, and how long it lives. Only policy files say this. */
struct spec_jail {
	bool enable;
	enum jail_scope scope;
	struct strv services; /* PAM services; empty: all that the module asks about */
	bool linger;	      /* stay after the last session while processes are left */
	uint64_t grace_ms;    /* from the end of the last session to the end of the jail */
	enum on_error on_error;
};

struct spec_run {
	enum tty_mode tty;
	bool no_init;	     /* the command itself is PID 1 */
	bool resident;	     /* no command: sessions enter it from outside, until it is closed */
	uint64_t timeout_ms; /* SPEC_UNSET: none */
	struct strv command; /* never empty in a checked spec that is not resident */
};

struct jail_spec {
	char name[SPEC_NAME_MAX + 1];
	/*
	 * Whose jail it is: their ids are the host's in it and their home is there. Borrowed. NULL:
	 * nobody's in particular.
	 */
	const struct account *account;
	struct spec_jail jail;
	struct spec_root root;
	struct spec_limits limits;
	struct spec_network network;
	struct spec_identity identity;
	struct spec_run run;
};

/* Docker's default set without NET_RAW, SYS_CHROOT, MKNOD and SETFCAP. Bits as in
 * <linux/capability.h>: chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap,
 * net_bind_service, audit_write. */
#define SPEC_CAPABILITIES_DEFAULT UINT64_C(0x200005fb)

/* "all" in capabilities_added and capabilities_dropped. Never in capabilities. */
#define SPEC_CAPABILITY_ALL (UINT64_C(1) << 63)

/* Fill in the defaults: everything unset, private user namespace, no network, host root. */
void spec_init(struct jail_spec *spec);

/* Free what the spec owns. Harmless on a spec that was only spec_init()ed, or twice. */
void spec_done(struct jail_spec *spec);

/*
 * Make `capabilities` and `jail_owned_for` of what they depend on: the four fields beside them,
 * allow_setuid and whether there is an account. For whoever changes one of these by hand; parsing
 * does it by itself.
 */
void spec_combine_capabilities(struct jail_spec *spec);

/* What becomes of writes to the root. With OVERLAY_AUTO they go to a tmpfs where it is an image,
 * which others use as well; else there is no overlay. Never OVERLAY_AUTO. */
enum overlay_mode spec_overlay(const struct spec_root *root);

/* Whether the host's own services can be reached. HOST_ACCESS_AUTO of an account's jail is
 * HOST_ACCESS_NONE; that of any other stays, and leaves it to the rules. */
enum host_access spec_host_access(const struct jail_spec *spec);

/*
 * The rules for what the jail sends, *ret_count of them; they are the spec's, or constant. Where it
 * has none, an account's reaches the internet; any other may send anything (no rules), but is
 * not shown metadata (network.h).
 */
const struct spec_egress *spec_egress(const struct jail_spec *spec, unsigned *ret_count);

/* Whether rules refuse nothing, so that there need be none. */
bool spec_egress_is_open(const struct spec_egress *rules, unsigned count);

/* Whether there are names of hosts in the rules, which somebody has to look up. */
bool spec_has_hosts(const struct jail_spec *spec);

/* For who parses: forget the rules, and free what they own. */
void spec_clear_egress(struct spec_network *network);

/* Whether the jail is isolated on its bridge: with CHOICE_AUTO an account's is. */
bool spec_is_isolated(const struct jail_spec *spec);

/* Whether two subnets, each an address in it with its prefix, have addresses in common. */
bool spec_subnets_overlap(const struct spec_address *a, const struct spec_address *b);

/*
 * Complete what the file of the network spec->network.name has said of it: its bridge, and the
 * addresses of that in its pools, which are the gateways of the file, or the first ones. Before
 * anything else is said of the network. Returns 0 or -EINVAL: it has neither pools nor a bridge, or
 * both; or a gateway is in none of the pools, or no host's address.
 */
int spec_complete_network(struct jail_spec *spec, struct err *err);

/*
 * Refuse what cannot be built, whatever machine it is: contradictions between fields and values
 * outside of their range. Each message names the option (or key) as the user knows it. No system
 * calls but reading the number of CPUs. Returns 0 or -EINVAL.
 */
int spec_check(const struct jail_spec *spec, struct err *err);

/*
 * CLONE_NEW* flags of the namespaces that must belong to the jail's user namespace because
 * capabilities over them were added: NET_ADMIN, NET_RAW and SYS_ADMIN mean nothing otherwise. All
 * others belong to the host, so that root in the jail cannot change them.
 */
int spec_jail_owned_namespaces(const struct jail_spec *spec);

/* How values of a spec are written, in messages and in JSON. */

/* "192.168.2.17/24". */
#define SPEC_ADDRESS_TEXT_MAX (INET6_ADDRSTRLEN + sizeof("/128"))
void spec_format_address(const struct spec_address *address, char text[SPEC_ADDRESS_TEXT_MAX]);

/* "allow [2001:db8::]/32:tcp/80-90", as parse_egress() takes it behind the first word. */
#define SPEC_EGRESS_TEXT_MAX (SPEC_HOST_MAX + sizeof("allow host:*.:tcp/65535-65535"))
void spec_format_egress(const struct spec_egress *rule, char text[SPEC_EGRESS_TEXT_MAX]);

/* "tcp/80-90", "udp", "53"; "" for any. As parse_ports() takes it. */
#define SPEC_PORTS_TEXT_MAX sizeof("tcp/65535-65535")
void spec_format_ports(const struct spec_ports *ports, char text[SPEC_PORTS_TEXT_MAX]);

/* "[2001:db8::1]:8080:80/tcp", as parse_publish() takes it. */
#define SPEC_PUBLISH_TEXT_MAX (INET6_ADDRSTRLEN + sizeof("[]:65535:65535/tcp"))
void spec_format_publish(const struct spec_publish *publish, char text[SPEC_PUBLISH_TEXT_MAX]);

/* "0-3,7"; "" for the empty set. What does not fit is left out: 4096 bytes are enough for any. */
void spec_format_cpus(const cpu_set_t *cpus, char *text, size_t size);

/* The largest of K, M, G, T that divides it: "64M", "1000". */
#define SPEC_SIZE_TEXT_MAX 24
void spec_format_size(uint64_t bytes, char text[SPEC_SIZE_TEXT_MAX]);

/* The name of a RLIMIT_* constant as --rlimit has it: "nofile"; NULL if there is no such one. */
const char *spec_rlimit_name(unsigned resource);

#endif
