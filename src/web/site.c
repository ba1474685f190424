/* SPDX-License-Identifier: ISC
 * site: what is served at which path. */
#include "web/site.h"

#include <errno.h>
#include <event2/buffer.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/log.h"
#include "client/field.h"
#include "net/random_bytes.h"
#include "web/event_streams.h"
#include "web/html_device.h"
#include "web/html_list.h"
#include "web/html_map.h"
#include "web/html_page.h"
#include "web/inquiry.h"
#include "web/metrics.h"
#include "web/own_names.h"
#include "web/row.h"
#include "web/shared_page.h"
#include "web/site_asset.h"
#include "web/web_config.h"
#include "web/web_server.h"

/* Bytes that slow readers may hold together; how old what is shared by all may become. */
enum { BACKLOG_MAX = 8 * 1024 * 1024, HOST_MAX = 65, MAP_DEVICES_MAX = 1000 };
#define METRICS_AGE SECONDS(1)
#define MAP_AGE     SECONDS(5)

enum shared_kind { SHARED_METRICS, SHARED_MAP, SHARED_KINDS };

struct site {
	struct loop *loop;
	struct watcher *watcher;
	const struct web_config *config;
	struct row_table rows;
	struct web_server *server;
	struct event_streams *streams;
	struct inquiries *inquiries;
	struct shared_page shared[SHARED_KINDS];
	uint64_t map_change; /* the latest when the map was asked for */
	bool connected;
};

/* A request that is not answered yet, or a stream. */
struct visitor {
	struct site *site;
	struct web_visit *visit;
	struct shared_page_reader reader;
	unsigned form;            /* of the shared page that it reads, … */
	const char *content_type; /* … and what that is */
	struct inquiry *inquiry;  /* of its own; NULL */
	struct event_stream *stream;
	char id[ROW_ID_MAX]; /* of the device that it asks for, … */
	uint64_t change;     /* … and the latest change then */
};

#define HTML_TYPE "text/html; charset=utf-8"

/* The host name, for titles and names. */
static struct slice host_name(char buffer[HOST_MAX])
{
	if (gethostname(buffer, HOST_MAX) < 0)
		buffer[0] = '\0';
	buffer[HOST_MAX - 1] = '\0';
	return slice_of(buffer);
}

static void answer(struct visitor *visitor, struct web_response response, struct evbuffer *body)
{
	web_server_shed(visitor->site->server, BACKLOG_MAX);
	web_client_answer(web_visit_client(visitor->visit), &response, body);
}

/* Answers with a page, where its body could be made. */
static void answer_html(struct visitor *visitor, unsigned status, struct html *html)
{
	if (html->failed)
		web_client_drop(web_visit_client(visitor->visit));
	else
		answer(visitor, (struct web_response){.status = status, .content_type = HTML_TYPE},
		    html->out);
}

static const struct message {
	unsigned status;
	const char *title, *text;
} MESSAGES[] = {
    {400, "Bad request", "This request cannot be read."},
    {404, "Not found", "There is no such device or page. The device may have left the network."},
    {405, "Not allowed", "Only GET and HEAD are allowed."},
    {421, "Unknown name",
	"This host is not known by that name. Use its address or its host name, or add the name to "
	"names in web.conf."},
    {431, "Request too large", "This request is too large."},
    {503, "Not now", "discoverd does not answer, or too many ask. Try again."},
    {507, "Too many devices", "There are too many devices for a map: more than 1000."},
};

static void answer_message(struct visitor *visitor, unsigned status)
{
	char host[HOST_MAX];
	struct html html = {.out = evbuffer_new()};
	const struct message *message = &MESSAGES[0];

	for (size_t i = 0; i < COUNT_OF(MESSAGES); i++)
		if (MESSAGES[i].status == status)
			message = &MESSAGES[i];
	const struct html_page page = {.title = slice_of(message->title),
	    .host = status == 421 ? SLICE_NONE : host_name(host),
	    .connected = visitor->site->connected};
	if (html.out)
		html_page_message(&page, message->text, &html);
	html.failed |= !html.out;
	answer_html(visitor, status, &html);
	if (html.out)
		evbuffer_free(html.out);
}

static void serve_list(struct visitor *visitor, const struct web_request *request)
{
	struct site *site = visitor->site;
	const struct row **rows = calloc(site->rows.count + 1, sizeof(const struct row *));
	struct html html = {.out = evbuffer_new()};
	char token[ROW_TABLE_TOKEN_MAX], host[HOST_MAX];
	struct html_list_query query;

	row_table_token(&site->rows, site->rows.change, token);
	html_list_query_parse(&query, request->query);
	const struct html_page page = {.title = SLICE("Devices"),
	    .host = host_name(host),
	    .path = "/",
	    .revision = slice_of(token),
	    .connected = site->connected};
	if (rows && html.out)
		html_list(
		    &page, &query, rows, row_table_all(&site->rows, rows, site->rows.count), &html);
	html.failed |= !rows || !html.out;
	answer_html(visitor, 200, &html);
	free(rows);
	if (html.out)
		evbuffer_free(html.out);
}

static void write_device(struct visitor *visitor, struct json_object *device)
{
	struct html html = {.out = evbuffer_new()};
	char token[ROW_TABLE_TOKEN_MAX], host[HOST_MAX];

	row_table_token(&visitor->site->rows, visitor->change, token);
	const struct html_page page = {.title = field_text(field_get(device, "name")),
	    .host = host_name(host),
	    .id = field_text(field_get(device, "id")),
	    .revision = slice_of(token),
	    .connected = true};

	if (html.out)
		html_device(&page, device, &html);
	html.failed |= !html.out;
	answer_html(visitor, 200, &html);
	if (html.out)
		evbuffer_free(html.out);
}

static void device_answered(
    void *context, const char *error, struct json_object *const replies[INQUIRY_QUESTIONS_MAX])
{
	struct visitor *visitor = context;
	struct json_object *device = field_get(replies[0], "device");

	visitor->inquiry = NULL;
	if (device)
		write_device(visitor, device);
	else
		answer_message(visitor, error && strstr(error, ".NotFound") ? 404 : 503);
}

static void serve_device(struct visitor *visitor, const struct web_request *request)
{
	static const struct inquiry_plan PLAN = {{"io.discoverd.Get"}};
	struct slice path = slice_skip(request->path, strlen("/device/"));

	if (web_request_decode(path, false, visitor->id, sizeof(visitor->id)) < 0 ||
	    !row_table_find(&visitor->site->rows, visitor->id)) {
		answer_message(visitor, 404);
		return;
	}
	struct json_object *parameters = json_object_new_object();
	field_add_text(parameters, "id", visitor->id);
	visitor->change = visitor->site->rows.change;
	if (inquiry_begin(visitor->site->inquiries, &PLAN, parameters, device_answered, visitor,
		&visitor->inquiry))
		answer_message(visitor, 503);
}

static void serve_events(struct visitor *visitor, const struct web_request *request)
{
	struct slice token = request->last_event_id, pair, query = request->query;

	while (!token.len && slice_cut(&query, '&', &pair))
		if (slice_starts_with(pair, SLICE("since=")))
			token = slice_skip(pair, strlen("since="));
	if (slice_equal(request->method, SLICE("HEAD")))
		answer(visitor,
		    (struct web_response){
			.status = 200, .content_type = "text/event-stream", .endless = true},
		    NULL);
	else if (event_stream_begin(
		     visitor->site->streams, visitor->visit, token, &visitor->stream))
		answer_message(visitor, 503);
}

static void serve_asset(struct visitor *visitor, const struct web_request *request,
    enum site_asset asset, const char *type)
{
	const char *text = site_asset_text(asset);
	char tag[SITE_ASSET_TAG_MAX];
	struct evbuffer *body = evbuffer_new();

	site_asset_tag(asset, tag);
	bool known = web_request_has_tag(request->if_none_match, slice_of(tag));
	if (!body || (!known && evbuffer_add_reference(body, text, strlen(text), NULL, NULL)))
		web_client_drop(web_visit_client(visitor->visit));
	else
		answer(visitor,
		    (struct web_response){.status = known ? 304 : 200,
			.content_type = known ? NULL : type,
			.tag = tag},
		    body);
	if (body)
		evbuffer_free(body);
}

static void serve_style(struct visitor *visitor, const struct web_request *request)
{
	serve_asset(visitor, request, SITE_STYLE, "text/css; charset=utf-8");
}

static void serve_script(struct visitor *visitor, const struct web_request *request)
{
	serve_asset(visitor, request, SITE_SCRIPT, "text/javascript; charset=utf-8");
}

static void serve_icon(struct visitor *visitor, const struct web_request *request)
{
	serve_asset(visitor, request, SITE_ICON, "image/svg+xml");
}

/* 0 or -ENOMEM. */
static int make_metrics(
    void *context, struct json_object *const *replies, struct evbuffer *const *forms)
{
	const struct site *site = context;
	int error = metrics_write(METRICS_TEXT, &site->rows, replies[0], forms[METRICS_TEXT]);

	return error ? error
		     : metrics_write(METRICS_OPEN, &site->rows, replies[0], forms[METRICS_OPEN]);
}

enum map_form { MAP_PAGE, MAP_PICTURE };

static int make_map(
    void *context, struct json_object *const *replies, struct evbuffer *const *forms)
{
	const struct site *site = context;
	char token[ROW_TABLE_TOKEN_MAX], host[HOST_MAX];
	struct html page = {.out = forms[MAP_PAGE]}, picture = {.out = forms[MAP_PICTURE]};

	row_table_token(&site->rows, site->map_change, token);
	const struct html_page around = {.title = SLICE("Map"),
	    .revision = slice_of(token),
	    .host = host_name(host),
	    .path = "/map",
	    .connected = site->connected};

	html_map(&around, replies[0], field_get(replies[1], "interfaces"),
	    field_get(replies[2], "devices"), &page);
	html_map_svg(replies[0], field_get(replies[1], "interfaces"),
	    field_get(replies[2], "devices"), &picture);
	return page.failed || picture.failed ? -ENOMEM : 0;
}

static struct json_object *map_parameters(void *context)
{
	struct site *site = context;
	struct json_object *parameters = json_object_new_object();
	struct json_object *filter = json_object_new_object();

	field_add(filter, "neighbours", json_object_new_boolean(true));
	field_add(parameters, "filter", filter);
	site->map_change = site->rows.change;
	return parameters;
}

static const struct shared_page_type SHARED[SHARED_KINDS] = {
    [SHARED_METRICS] = {.plan = {{"io.discoverd.Status"}},
	.make = make_metrics,
	.age = METRICS_AGE,
	.unanswered = true},
    [SHARED_MAP] = {.plan = {{"io.discoverd.Status", "io.discoverd.Interfaces",
			"io.discoverd.List"}},
	.parameters = map_parameters,
	.make = make_map,
	.age = MAP_AGE},
};

static void shared_ready(struct shared_page_reader *reader, struct evbuffer *const *forms)
{
	struct visitor *visitor = CONTAINER_OF(reader, struct visitor, reader);
	struct evbuffer *body = evbuffer_new();

	if (!forms)
		answer_message(visitor, 503);
	else if (!body || evbuffer_add_buffer_reference(body, forms[visitor->form]))
		web_client_drop(web_visit_client(visitor->visit));
	else
		answer(visitor,
		    (struct web_response){.status = 200, .content_type = visitor->content_type},
		    body);
	if (body)
		evbuffer_free(body);
}

static void serve_shared(
    struct visitor *visitor, enum shared_kind kind, unsigned form, const char *content_type)
{
	visitor->reader.ready = shared_ready;
	visitor->form = form;
	visitor->content_type = content_type;
	shared_page_read(&visitor->site->shared[kind], &visitor->reader);
}

static void serve_metrics(struct visitor *visitor, const struct web_request *request)
{
	enum metrics_format format = metrics_format_of(request->accept);

	serve_shared(visitor, SHARED_METRICS, format, METRICS_CONTENT_TYPES[format]);
}

/* A map is made of all that is known of all devices, some ten kilobytes for each. */
static void serve_map_form(struct visitor *visitor, enum map_form form, const char *content_type)
{
	if (visitor->site->rows.count > MAP_DEVICES_MAX)
		answer_message(visitor, 507);
	else
		serve_shared(visitor, SHARED_MAP, form, content_type);
}

static void serve_map(struct visitor *visitor, const struct web_request *request)
{
	(void)request;
	serve_map_form(visitor, MAP_PAGE, HTML_TYPE);
}

static void serve_picture(struct visitor *visitor, const struct web_request *request)
{
	(void)request;
	serve_map_form(visitor, MAP_PICTURE, "image/svg+xml");
}

static const struct route {
	const char *path;
	bool below; /* what is below the path, too */
	void (*serve)(struct visitor *visitor, const struct web_request *request);
} ROUTES[] = {
    {"/", false, serve_list},
    {"/events", false, serve_events},
    {"/device/", true, serve_device},
    {"/map", false, serve_map},
    {"/map.svg", false, serve_picture},
    {"/metrics", false, serve_metrics},
    {"/page.css", false, serve_style},
    {"/page.js", false, serve_script},
    {"/icon.svg", false, serve_icon},
    {"/favicon.ico", false, serve_icon},
};

static const struct route *find_route(struct slice path)
{
	for (size_t i = 0; i < COUNT_OF(ROUTES); i++) {
		struct slice own = slice_of(ROUTES[i].path);
		if (slice_equal(path, own) || (ROUTES[i].below && slice_starts_with(path, own)))
			return &ROUTES[i];
	}
	return NULL;
}

static bool is_ours(const struct site *site, struct slice host)
{
	char own[HOST_MAX];

	return own_names_have(host, host_name(own), (const char *const *)site->config->names.items,
	    site->config->names.count);
}

/* 200, or why it is not served. */
static unsigned judge(const struct site *site, int error, const struct web_request *request)
{
	if (error)
		return error == -EMSGSIZE ? 431 : 400;
	if (!request->host.bytes)
		return 400;
	if (!is_ours(site, request->host) ||
	    (request->authority.bytes && !is_ours(site, request->authority)))
		return 421;
	if (!slice_equal(request->method, SLICE("GET")) &&
	    !slice_equal(request->method, SLICE("HEAD")))
		return 405;
	return find_route(request->path) ? 200 : 404;
}

static void asked(
    void *context, struct web_visit *visit, int error, const struct web_request *request)
{
	struct site *site = context;
	struct visitor *visitor = calloc(1, sizeof(*visitor));

	if (!visitor) {
		web_client_drop(web_visit_client(visit));
		return;
	}
	visitor->site = site;
	visitor->visit = visit;
	web_visit_set_data(visit, visitor);
	unsigned status = judge(site, error, request);
	log_debug("%.*s %.*s: %u", SLICE_ARGS(request->method), SLICE_ARGS(request->path), status);
	if (status == 200)
		find_route(request->path)->serve(visitor, request);
	else
		answer_message(visitor, status);
}

static void drained(void *context, struct web_visit *visit)
{
	struct visitor *visitor = web_visit_data(visit);
	(void)context;

	if (visitor && visitor->stream)
		event_stream_fill(visitor->stream);
}

static void closed(void *context, struct web_visit *visit)
{
	struct visitor *visitor = web_visit_data(visit);
	(void)context;

	if (!visitor)
		return;
	shared_page_leave(&visitor->reader);
	if (visitor->inquiry)
		inquiry_cancel(visitor->inquiry);
	if (visitor->stream)
		event_stream_end(visitor->stream);
	free(visitor);
}

static const struct web_server_handler HANDLER = {asked, drained, closed};

void site_changed(void *state, const struct watcher_change *change)
{
	struct site *site = state;

	if (!row_takes_id(change->id)) {
		log_warning("a device is passed over: its id is empty or too long");
		return;
	}
	if (change->event == WATCHER_REMOVED) {
		row_table_remove(&site->rows, change->id);
		return;
	}
	struct row *row = row_new(change->device);
	if (!row || row_table_put(&site->rows, row) < 0)
		log_error("out of memory: a device is passed over");
}

static void set_connected(struct site *site, bool connected)
{
	site->connected = connected;
	event_streams_set_connected(site->streams, connected);
}

void site_synced(void *state)
{
	set_connected(state, true);
}

void site_lost(void *state)
{
	set_connected(state, false);
}

void site_advance(void *state, struct instant now)
{
	struct site *site = state;

	inquiries_advance(site->inquiries, now);
	for (size_t i = 0; i < SHARED_KINDS; i++)
		shared_page_advance(&site->shared[i], now);
	event_streams_advance(site->streams, now);
}

struct instant site_deadline(const void *state)
{
	const struct site *site = state;
	struct instant first = instant_earlier(
	    inquiries_deadline(site->inquiries), event_streams_deadline(site->streams));

	for (size_t i = 0; i < SHARED_KINDS; i++)
		first = instant_earlier(first, shared_page_deadline(&site->shared[i]));
	return first;
}

void site_close(void *state)
{
	struct site *site = state;

	web_server_close(site->server);
	for (size_t i = 0; i < SHARED_KINDS; i++)
		shared_page_fini(&site->shared[i]);
	inquiries_free(site->inquiries);
	event_streams_free(site->streams);
	row_table_fini(&site->rows);
	free(site);
}

static int site_init(struct site *site, const struct companion *companion)
{
	struct {
		struct siphash_key key;
		uint64_t instance;
	} random;
	int error = random_bytes(&random, sizeof(random));

	site->loop = companion->loop;
	site->watcher = companion->watcher;
	site->config = companion->config;
	if (error)
		return error;
	error = row_table_init(&site->rows, &random.key, random.instance);
	site->streams = event_streams_new(&site->rows);
	site->inquiries = inquiries_new(site->loop, site->watcher);
	for (size_t i = 0; i < SHARED_KINDS; i++)
		shared_page_init(&site->shared[i], &SHARED[i], site, site->loop, site->inquiries);
	if (!error && (!site->streams || !site->inquiries))
		error = -ENOMEM;
	return error ? error
		     : web_server_open(site->loop, site->config, &HANDLER, site, &site->server);
}

int site_open(const struct companion *companion, void **state)
{
	struct site *site = calloc(1, sizeof(*site));
	int error = site ? site_init(site, companion) : -ENOMEM;

	if (error) {
		log_error("cannot serve the page: %s%s", strerror(-error),
		    error == -EADDRINUSE      ? "; set another port in web.conf"
		    : error == -EADDRNOTAVAIL ? "; set address in web.conf to one of this host"
					      : "");
		if (site)
			site_close(site);
		return error;
	}
	*state = site;
	return 0;
}
