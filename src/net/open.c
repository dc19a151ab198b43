/*
 * A loop begins and ends: what its config says, what of that the environment says, and
 * curl's handle.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/crypto.h"
#include "base/fs.h"
#include "net/about.h"
#include "net/request.h"

enum { CONNECTIONS_DEFAULT = 64, PER_HOST_DEFAULT = 16 };

static void drop_all(struct request_list *list)
{
	struct net_request *request;

	while ((request = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, request, others);
		request_leave_curl(request);
		request_free(request);
	}
}

void net_free(struct net *net)
{
	if (!net)
		return;
	drop_all(&net->queued);
	drop_all(&net->running);
	drop_all(&net->ending);
	while (net->n_idle)
		curl_easy_cleanup(net->idle[--net->n_idle]);
	if (net->multi)
		(void)curl_multi_cleanup(net->multi);
	if (net->wake_fd >= 0)
		(void)close(net->wake_fd);
	proxies_release(&net->proxies);
	for (size_t i = 0; i < sizeof(net->texts) / sizeof(net->texts[0]); i++)
		free(net->texts[i]);
	free(net);
	curl_global_cleanup();
}

static void net_freep(struct net **net)
{
	net_free(*net);
}

static enum err_kind keep(struct net *net, size_t i, const char **text, struct err *err)
{
	if (!*text)
		return ERR_OK;
	net->texts[i] = strdup(*text);
	*text = net->texts[i];
	return *text ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
}

static enum err_kind take_way(
    struct net *net, const struct net_way *given, struct err *err)
{
	struct net_way *way = &net->way;

	*way = *given;
	way->ca_file = net_ca_file(given->ca_file);
	if (way->ca_file && access(way->ca_file, R_OK) < 0)
		return err_errno(
		    err, ERR_USAGE, "can't read the CA file '%s'", way->ca_file);
	if (way->ca_file && fs_is_named_pipe(way->ca_file))
		return err_set(err, ERR_USAGE, "the CA file '%s' is a pipe, not a file",
		    way->ca_file);
	if (way->limit_rate && rate_plan_parse(way->limit_rate, &net->rates, err))
		return err->kind;
	way->limit_rate = NULL;
	if (keep(net, 0, &way->ca_file, err) || keep(net, 1, &way->interface, err) ||
	    keep(net, 2, &way->doh_url, err))
		return err->kind;
	return proxies_make(getenv, way->proxy, way->no_proxy, &net->proxies, err);
}

static enum err_kind open_multi(
    struct net *net, const struct net_config *config, struct err *err)
{
	const unsigned all = config->max_connections;
	const unsigned per_host = config->max_per_host;

	net->multi = curl_multi_init();
	if (!net->multi)
		return err_set(err, ERR_NOMEM, "out of memory");
	(void)curl_multi_setopt(net->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
	    (long)(all ? all : CONNECTIONS_DEFAULT));
	(void)curl_multi_setopt(net->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
	    (long)(per_host ? per_host : PER_HOST_DEFAULT));
	(void)curl_multi_setopt(
	    net->multi, CURLMOPT_MAXCONNECTS, (long)(all ? all : CONNECTIONS_DEFAULT));
	/*
	 * A stream that is paused stays so only on a connection of its own: whoever reads
	 * for the others reads for it, too, and curl keeps all that comes (up to 32 MiB).
	 */
	(void)curl_multi_setopt(net->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 1L);
	net->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (net->wake_fd < 0)
		return err_errno(err, ERR_IO, "can't make an eventfd");
	return ERR_OK;
}

enum err_kind net_new(
    const struct net_config *config, struct net **ret_net, struct err *err)
{
	_cleanup_(net_freep) struct net *net = NULL;
	enum err_kind kind = crypto_start(err);

	if (kind != ERR_OK)
		return kind;
	/* Counted and locked by curl itself (7.84 and later). */
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, ERR_NOMEM, "can't initialise libcurl");
	net = calloc(1, sizeof(*net));
	if (!net) {
		curl_global_cleanup();
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	net->wake_fd = -1;
	TAILQ_INIT(&net->queued);
	TAILQ_INIT(&net->running);
	TAILQ_INIT(&net->ending);
	TAILQ_INIT(&net->throttled);
	net->next_deadline_ms = INT64_MAX;
	net->allow_private_cdn = config->allow_private_cdn;
	net->log = config->log;
	net->log_payload = config->log_payload;
	kind = take_way(net, &config->way, err);
	if (kind == ERR_OK)
		kind = open_multi(net, config, err);
	if (kind != ERR_OK)
		return kind;
	*ret_net = TAKE_PTR(net);
	return ERR_OK;
}
