/* The clocks of a scene, and how its loop waits by them. */
#include "scene_impl.h"

#include <unistd.h>

static struct moment started;
static atomic_llong passed_ms, set_ms;

void scene_clocks_start(void)
{
	started = moment_read(&clocks_system);
	atomic_store(&passed_ms, 0);
	atomic_store(&set_ms, 0);
}

struct moment scene_now(void)
{
	const int64_t ms = atomic_load(&passed_ms);

	return (struct moment){ started.mono_ms + ms,
		started.unix_ms + ms + atomic_load(&set_ms) };
}

void scene_set_wall(int64_t ahead_ms)
{
	atomic_store(&set_ms, ahead_ms);
}

void scene_pass(struct scene *scene, int64_t span_ms)
{
	struct net *net = atomic_load(&scene->dq->wakes);

	atomic_fetch_add(&passed_ms, span_ms);
	if (net)
		net_wake(net);
}

/* A loop that waits again has read its clocks since; when the verb has ended, none does.
 */
void scene_pass_seen(struct scene *scene, int64_t span_ms)
{
	const unsigned waits = atomic_load(&scene->waits);

	scene_pass(scene, span_ms);
	for (int i = 0; i < 10000 && atomic_load(&scene->waits) == waits; i++)
		(void)usleep(100);
}

static struct moment read_ours(void *payload)
{
	const struct scene *scene = payload;

	atomic_fetch_add(&passed_ms, scene->reading_ms);
	return scene_now();
}

static enum err_kind wait_here(
    void *payload, struct net *net, int64_t until_ms, bool has_jobs, struct err *err)
{
	struct scene *scene = payload;
	const bool is_idle = net_active(net) == 0 && !has_jobs && !scene->holds_time;
	const int64_t left_ms = until_ms - scene_now().mono_ms;

	atomic_fetch_add(&scene->waits, 1);
	if (net_wait(net, is_idle || left_ms <= 0 ? 0 : INT64_MAX, err))
		return err->kind;
	if (is_idle && left_ms > 0)
		atomic_fetch_add(&passed_ms, left_ms);
	return ERR_OK;
}

void scene_clocks_give(struct scene *scene)
{
	scene->clocks =
	    (struct clocks){ .read = read_ours, .wait = wait_here, .payload = scene };
	scene->dq->clocks = &scene->clocks;
}
