#include "core/account/network.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "core/account/session.h"
#include "core/common/given.h"
#include "dreamq/network.h"
#include "net/proxy.h"
#include "net/rate.h"

enum { PER_HOST_MAX = 64, TIMEOUT_MAX_MS = 24 * 3600 * 1000 };

void network_free(struct network *network)
{
	if (!network)
		return;
	for (size_t i = 0; i < sizeof(network->texts) / sizeof(network->texts[0]); i++)
		free(network->texts[i]);
	free(network);
}

static void network_freep(struct network **network)
{
	network_free(*network);
}

/* Each of the texts is checked here, so that its refusal comes before anything is done.
 */
enum err_kind network_check(const struct dq_network *given, struct err *err)
{
	_cleanup_(proxies_release) struct proxies proxies = { 0 };
	struct rate_plan plan;

	if (given->limit_rate && rate_plan_parse(given->limit_rate, &plan, err))
		return err->kind;
	if (given->proxy && proxies_make(getenv, given->proxy, "", &proxies, err))
		return err->kind;
	if (given->doh_url && strncmp(given->doh_url, "https://", 8) != 0)
		return err_set(err, ERR_USAGE,
		    "'%.60s' is no place to look names up; it begins with https://",
		    given->doh_url);
	if (given->doh_url && net_check_base_url("DNS over HTTPS", given->doh_url, err))
		return err->kind;
	if (given->ip_version != 0 && given->ip_version != 4 && given->ip_version != 6)
		return err_set(err, ERR_USAGE,
		    "there is no version %u of IP; give 4 or 6, or 0 for either",
		    given->ip_version);
	if (given->connections_per_host > PER_HOST_MAX)
		return err_set(err, ERR_USAGE,
		    "%u connections to a host are too many; give at most %d",
		    given->connections_per_host, PER_HOST_MAX);
	return ERR_OK;
}

/* "never" is as long as a day: nobody waits longer for one byte. */
static uint32_t timeout_of(int64_t ms)
{
	if (ms <= 0)
		return 0;
	return ms < TIMEOUT_MAX_MS ? (uint32_t)ms : TIMEOUT_MAX_MS;
}

static enum err_kind keep_texts(
    struct network *network, const struct dq_network *given, struct err *err)
{
	struct net_way *way = &network->way;
	const struct {
		const char **into;
		const char *text;
	} all[] = {
		{ &way->limit_rate, given->limit_rate },
		{ &way->proxy, given->proxy },
		{ &way->no_proxy, given->no_proxy },
		{ &way->interface, given->interface },
		{ &way->ca_file, given->ca_file },
		{ &way->doh_url, given->doh_url },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!all[i].text)
			continue;
		*all[i].into = network->texts[i] = strdup(all[i].text);
		if (!network->texts[i])
			return err_set(err, ERR_NOMEM, "out of memory");
	}
	return ERR_OK;
}

enum err_kind network_make(
    const struct dq_network *given, struct network **ret_network, struct err *err)
{
	_cleanup_(network_freep) struct network *network = NULL;
	struct dq_network taken;

	if (!given)
		return ERR_OK;
	network = calloc(1, sizeof(*network));
	if (!network)
		return err_set(err, ERR_NOMEM, "out of memory");
	given_take(&taken, sizeof(taken), given);
	if (network_check(&taken, err) || keep_texts(network, &taken, err))
		return err->kind;
	if (taken.ip_version)
		network->way.ip = taken.ip_version == 4 ? NET_IPV4 : NET_IPV6;
	network->way.connect_timeout_ms = timeout_of(taken.connect_timeout_ms);
	network->way.stall_timeout_ms = timeout_of(taken.stall_timeout_ms);
	network->per_host = taken.connections_per_host;
	*ret_network = TAKE_PTR(network);
	return ERR_OK;
}

static void log_line(void *payload, const char *line)
{
	struct dq *dq = payload;

	session_emit(dq, (struct dq_event){ .type = DQ_EVENT_LOG, .text = line });
}

enum err_kind session_net(struct dq *dq, struct err *err)
{
	static const struct network usual = { 0 };
	const struct network *network = dq->network ? dq->network : &usual;
	const struct net_config config = {
		.allow_private_cdn = net_url_is_loopback(dq->traits.address),
		.max_per_host = network->per_host,
		.way = network->way,
		.log = dq->is_verbose ? log_line : NULL,
		.log_payload = dq,
	};

	if (dq->net)
		return ERR_OK;
	if (net_new(&config, &dq->net, err))
		return err->kind;
	net_ahead_end(&dq->ahead);
	atomic_store(&dq->wakes, dq->net);
	return ERR_OK;
}
