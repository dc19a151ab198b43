#include "cli/app/network.h"

#include <string.h>

#include "cli/term/i18n.h"

/* Whoever is on this machine can read a command line. */
static enum err_kind refuse_password(const struct args *args, struct err *err)
{
	const struct value *proxy = &args->of[OPT_PROXY];

	if (proxy->origin != FROM_ARGV || !proxy->text || !strchr(proxy->text, '@'))
		return ERR_OK;
	return err_set(err, ERR_USAGE,
	    "a proxy's name and password can be read by others on the command line; "
	    "write 'proxy = ...' into the config file, or set https_proxy");
}

enum err_kind network_options(
    const struct app *app, struct dq_network *ret_network, struct err *err)
{
	const struct args *args = &app->args;
	const bool v4 = args_is_on(args, OPT_IPV4), v6 = args_is_on(args, OPT_IPV6);
	const char *proxy = args_text(args, OPT_PROXY);

	if (refuse_password(args, err))
		return err->kind;
	if (v4 && v6)
		return err_set(err, ERR_USAGE, "give either --ipv4 or --ipv6, not both");
	*ret_network = (struct dq_network){
		.size_bytes = sizeof(*ret_network),
		.limit_rate = args_text(args, OPT_LIMIT_RATE),
		.proxy = proxy && !strcmp(proxy, "none") ? "" : proxy,
		.no_proxy = args_text(args, OPT_NO_PROXY),
		.interface = args_text(args, OPT_INTERFACE),
		.ca_file = args_text(args, OPT_CACERT),
		.doh_url = args_text(args, OPT_DOH_URL),
		.ip_version = (v4 ? 4U : 0U) + (v6 ? 6U : 0U),
		.connections_per_host =
		    (unsigned)args_number(args, OPT_CONNECTIONS_PER_HOST, 0),
		.connect_timeout_ms = args_number(args, OPT_CONNECT_TIMEOUT, 0),
		.stall_timeout_ms = args_number(args, OPT_STALL_TIMEOUT, 0),
	};
	return ERR_OK;
}
