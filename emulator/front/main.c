/*
 * main.c - start, tell where we listen, wait for a signal, stop.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "front/emulator.h"
#include "front/service.h"
#include "jimeng/record.h"
#include "jimeng/region.h"
#include "wire/http.h"
#include "wire/tls.h"

#ifndef EMULATOR_VERSION
#define EMULATOR_VERSION "0"
#endif

struct ports {
	struct http_port *api, *cdn;
	int api_number, cdn_number;
};

/* The file appears complete or not at all: who sees it may read it. */
static enum err_kind write_file(const char *path, const char *text, struct err *err)
{
	char temporary[4096];
	FILE *file;
	int n = snprintf(temporary, sizeof(temporary), "%s.%d.tmp", path, (int)getpid());

	if (n < 0 || (size_t)n >= sizeof(temporary))
		return err_set(err, ERR_IO, "'%.100s…': name too long", path);
	file = fopen(temporary, "we");
	if (!file)
		return err_set(err, ERR_IO, "'%s': %s", path, strerror(errno));
	n = fputs(text, file);
	if (fclose(file) || n < 0 || rename(temporary, path)) {
		(void)err_set(err, ERR_IO, "'%s': %s", path, strerror(errno));
		(void)unlink(temporary);
		return err->kind;
	}
	return ERR_OK;
}

/* The CDN's file first: when FILE is there, both are. */
static enum err_kind write_ports(
    const struct options *options, const struct ports *ports, struct err *err)
{
	struct text path = { 0 };
	char number[16];
	enum err_kind failed;

	if (!options->port_file)
		return ERR_OK;
	text_printf(&path, "%s.cdn", options->port_file);
	(void)snprintf(number, sizeof(number), "%d\n", ports->cdn_number);
	failed = write_file(text_str(&path), number, err);
	text_release(&path);
	if (failed)
		return failed;
	(void)snprintf(number, sizeof(number), "%d\n", ports->api_number);
	return write_file(options->port_file, number, err);
}

static enum err_kind listen_both(struct emulator *emu, const struct http_tls *tls,
    struct ports *ports, struct err *err)
{
	const struct options *options = &emu->options;
	const struct http_listen cdn = { options->cdn_port, true, tls };
	const struct http_listen api = { options->port, false, tls };

	if (http_listen(&emu->host, &cdn, &ports->cdn, &ports->cdn_number, err))
		return err->kind;
	(void)snprintf(emu->cdn_base, sizeof(emu->cdn_base), "http%s://127.0.0.1:%d",
	    emu->options.tls ? "s" : "", ports->cdn_number);
	return http_listen(&emu->host, &api, &ports->api, &ports->api_number, err);
}

static enum err_kind open_ports(
    struct emulator *emu, struct ports *ports, struct err *err)
{
	struct text key = { 0 }, cert = { 0 };
	enum err_kind failed = ERR_OK;
	struct http_tls tls;

	if (emu->options.tls)
		failed = tls_make(&key, &cert, err);
	if (!failed && emu->options.tls && emu->options.cert_file)
		failed = write_file(emu->options.cert_file, text_str(&cert), err);
	tls = (struct http_tls){ text_str(&key), text_str(&cert) };
	if (!failed)
		failed = listen_both(emu, emu->options.tls ? &tls : NULL, ports, err);
	text_release(&key);
	text_release(&cert);
	return failed;
}

/* A thread for every connection wants a descriptor for each, too. */
static void raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static enum err_kind serve(struct emulator *emu, const sigset_t *stop, struct err *err)
{
	struct ports ports = { 0 };
	enum err_kind failed = open_ports(emu, &ports, err);
	int got = 0;

	if (!failed)
		failed = write_ports(&emu->options, &ports, err);
	if (!failed) {
		(void)printf("listening on http%s://127.0.0.1:%d\n",
		    emu->options.tls ? "s" : "", ports.api_number);
		(void)fflush(stdout);
		(void)sigwait(stop, &got);
	}
	(void)eventfd_write(emu->host.stop_fd, 1);
	http_close(ports.api);
	http_close(ports.cdn);
	return failed;
}

/* Make what the rooms work with, and hand each its part. */
static void set_up(
    struct emulator *emu, struct studio *studio, const struct record_maker *records)
{
	const struct options *options = &emu->options;

	emu->clock = clock_make(options->time_scale, options->real_clock,
	    clock_wall_ms() + (int64_t)(options->clock_skew_s * 1000.0), clock_mono_ns());
	emu->key = link_key_make(options->seed);
	store_init(&emu->store, options->seed,
	    (struct running_max){
		.any = options->max_running,
		.kinds = { [KIND_IMAGE] = options->max_running_images,
		    [KIND_VIDEO] = options->max_running_videos },
	    },
	    options->failed_returned);
	script_init(&emu->script, options->seed);
	emu->jimeng = (struct jimeng){
		.store = &emu->store,
		.studio = studio,
		.records = records,
		.clock = &emu->clock,
		.key = &emu->key,
		.region = options->region ? region_find(options->region) : NULL,
		.cdn = options->cdn_base ? options->cdn_base : emu->cdn_base,
		.link_life_s = options->link_life_s / emu->clock.shrink,
	};
	emu->host.stop_fd = eventfd(0, EFD_CLOEXEC);
	emu->host.seed = options->seed;
	emu->host.clock = &emu->clock;
	emu->host.log = &emu->log;
	service_attach(emu);
}

static enum err_kind run(struct emulator *emu, const sigset_t *stop, struct err *err)
{
	const struct options *options = &emu->options;
	struct studio *studio = studio_new();
	struct record_maker *records = record_maker_new();
	enum err_kind failed;
	struct mix mix;

	set_up(emu, studio, records);
	failed = reqlog_open(&emu->log, options->log, err);
	if (!failed && options->script)
		failed = script_add_file(&emu->script, options->script, err);
	if (options->account_records && mix_read(options->account_records, &mix))
		service_add_records(emu, &mix, NULL);
	if (!failed)
		failed = serve(emu, stop, err);
	reqlog_close(&emu->log);
	script_release(&emu->script);
	store_release(&emu->store);
	record_maker_free(records);
	studio_free(studio);
	(void)close(emu->host.stop_fd);
	return failed;
}

int main(int argc, char **argv)
{
	struct emulator emu = { 0 };
	struct err err = { 0 };
	sigset_t stop;

	(void)sigemptyset(&stop);
	(void)sigaddset(&stop, SIGTERM);
	(void)sigaddset(&stop, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &stop, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	raise_limits();
	if (!options_read(argc, argv, &emu.options, &err)) {
		if (emu.options.help) {
			options_help();
			return fflush(stdout) ? ERR_IO : ERR_OK;
		}
		if (emu.options.man) {
			options_manual();
			return fflush(stdout) ? ERR_IO : ERR_OK;
		}
		if (emu.options.version) {
			(void)puts("dreamq-emulator " EMULATOR_VERSION);
			return fflush(stdout) ? ERR_IO : ERR_OK;
		}
		(void)run(&emu, &stop, &err);
	}
	if (err.kind)
		(void)fprintf(stderr, "dreamq-emulator: %s\n", err.msg);
	return (int)err.kind;
}
