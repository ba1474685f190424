/* SPDX-License-Identifier: ISC
 * html_map: the map: this host, its interfaces, bridges and their ports, and the devices there, as
 * a picture. */
#include "web/html_map.h"

#include "client/device_record.h"
#include "client/field.h"
#include "client/interface_record.h"
#include "client/map_tree.h"
#include "client/map_walk.h"

/* User units of SVG, which are pixels on the page. */
enum {
	NODE_HEIGHT = 46,
	GAP = 12, /* between what is below each other, and around the devices of a network */
	HEAD_HEIGHT = 44, /* of a network: its two lines */
	LINK = 36,        /* room for the lines from a node to those on its right */
	INDENT = 16,      /* of the narrow picture */
	MARGIN = 4,
	TITLE_CHARACTER = 8, /* about as wide as one is */
	NOTE_CHARACTER = 7,
	TEXT_MAX = 512,
};

/* More devices of one network make no picture. */
enum { PANEL_DEVICES_MAX = 120 };

struct geometry {
	const char *class;
	bool narrow;     /* everything below each other */
	int node_width;  /* of the wide one */
	int total_width; /* of the narrow one */
	int columns;     /* of devices */
};

static const struct geometry WIDE = {.class = "wide", .node_width = 200, .columns = 3};
static const struct geometry NARROW = {
    .class = "narrow", .narrow = true, .total_width = 320, .columns = 1};

struct box {
	int x, y, width, height;
	bool has_children;
};

/* Devices side by side. */
struct panel {
	const struct json_object *owner; /* of the devices: a network, an interface, the root */
	struct box box;
	int top; /* of the first device */
	size_t count, placed;
	int margin; /* around them: 0 where no frame is drawn */
};

struct picture {
	const struct geometry *geometry;
	struct html *html;
	struct box boxes[MAP_DEPTH_MAX]; /* by level */
	struct panel panel;
	int bottom, right; /* of all that was placed */
};

/* The size is known after a first walk, which writes nothing. */
static void grow(struct picture *picture, const struct box *box)
{
	if (box->y + box->height + GAP > picture->bottom)
		picture->bottom = box->y + box->height + GAP;
	if (box->x + box->width + MARGIN > picture->right)
		picture->right = box->x + box->width + MARGIN;
}

/* Where a child of the box at `level - 1` stands: the first one on its right, the others below. */
static struct box place(struct picture *picture, size_t level, int height)
{
	const struct geometry *geometry = picture->geometry;
	struct box *parent = level ? &picture->boxes[level - 1] : NULL;
	struct box box = {.x = MARGIN, .y = picture->bottom, .height = height};

	if (geometry->narrow) {
		box.x += (int)level * INDENT;
		box.width = geometry->total_width - MARGIN - box.x;
	} else {
		box.x += (int)level * (geometry->node_width + LINK);
		box.width = geometry->node_width;
		if (parent && !parent->has_children)
			box.y = parent->y;
	}
	if (parent)
		parent->has_children = true;
	return box;
}

static void put_edge(struct picture *picture, const struct box *parent, const struct box *child)
{
	int y = child->y + NODE_HEIGHT / 2;

	html_markup(picture->html, "<path class=\"edge\" fill=\"none\" stroke=\"#777\" ");
	if (picture->geometry->narrow)
		html_format(picture->html, "d=\"M%d %dV%dH%d\"/>\n", parent->x + INDENT / 2,
		    parent->y + parent->height, y, child->x);
	else
		html_format(picture->html, "d=\"M%d %dh%dV%dH%d\"/>\n", parent->x + parent->width,
		    parent->y + NODE_HEIGHT / 2, LINK / 2, y, child->x);
}

/* Two lines in a rectangle; what does not fit is cut, and whole in the tooltip. */
static void put_box(struct picture *picture, const struct box *box, const char *class,
    struct slice title, struct slice note)
{
	struct html *html = picture->html;
	size_t room = box->width > 2 * GAP ? (size_t)(box->width - 2 * GAP) : 1;
	struct slice fitting = html_fitting(title, room / TITLE_CHARACTER);

	html_format(html, "<svg class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"><title>",
	    class, box->x, box->y, box->width, box->height);
	html_text(html, title);
	html_markup(html, note.len ? ", " : "");
	html_text(html, note);
	html_format(html,
	    "</title><rect x=\"1\" y=\"1\" width=\"%d\" height=\"%d\" rx=\"9\" fill=\"none\" "
	    "stroke=\"#777\"/><text x=\"%d\" y=\"20\">",
	    box->width - 2, box->height - 2, GAP);
	html_text(html, fitting);
	html_markup(html, fitting.len < title.len ? "…" : "");
	html_format(html, "</text><text class=\"note\" x=\"%d\" y=\"37\">", GAP);
	fitting = html_fitting(note, room / NOTE_CHARACTER);
	html_text(html, fitting);
	html_markup(html, fitting.len < note.len ? "…</text></svg>\n" : "</text></svg>\n");
}

static void add_note(struct writer *w, const char *before, struct slice text)
{
	if (!text.len)
		return;
	writer_text(w, w->len ? ", " : "");
	writer_text(w, before);
	writer_slice(w, text);
}

static void put_node(
    struct picture *picture, size_t level, const char *class, struct slice title, struct slice note)
{
	struct box box = place(picture, level, NODE_HEIGHT);

	if (level)
		put_edge(picture, &picture->boxes[level - 1], &box);
	put_box(picture, &box, class, title, note);
	picture->boxes[level] = box;
	grow(picture, &box);
}

static void put_interface(struct picture *picture, size_t level, struct json_object *interface)
{
	struct json_object *up = field_get(interface, "up");
	bool down = up && !json_object_get_boolean(up);
	bool bridge = field_length(field_get(interface, "ports"));
	char text[TEXT_MAX];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	add_note(&w, "", field_text_of(interface, "kind"));
	add_note(&w, "", down ? SLICE("down") : SLICE_NONE);
	add_note(&w, "to ", field_text_of(interface, "peer"));
	put_node(picture, level,
	    down     ? "node down"
	    : bridge ? "node bridge"
		     : "node",
	    field_text_of(interface, "interface"), writer_result(&w));
}

/* Wide enough for the addresses in the head, too. */
static int panel_width(const struct geometry *geometry, int columns, int margin, bool titled)
{
	int wanted = titled ? geometry->node_width * 3 / 2 : geometry->node_width;
	int width = columns * (geometry->node_width + GAP) - GAP + 2 * margin;

	return width > wanted ? width : wanted;
}

/* The frame around devices, which are to be placed then. Without a title none is drawn. */
static void open_panel(struct picture *picture, size_t level, struct json_object *owner,
    struct slice title, struct slice note)
{
	const struct geometry *geometry = picture->geometry;
	struct panel *panel = &picture->panel;
	size_t count = field_length(field_get(owner, "devices"));

	if (count > PANEL_DEVICES_MAX)
		count = PANEL_DEVICES_MAX;
	int columns = (int)count < geometry->columns ? (int)count : geometry->columns;
	int rows = columns ? ((int)count + columns - 1) / columns : 0;
	int margin = title.len && rows ? GAP : 0, head = title.len ? HEAD_HEIGHT : 0;
	int height = head + rows * (NODE_HEIGHT + GAP) - (head ? 0 : GAP);

	struct box box = place(picture, level, head && !rows ? NODE_HEIGHT : height);
	if (!geometry->narrow)
		box.width = panel_width(geometry, columns, margin, title.len);
	*panel = (struct panel){
	    .owner = owner, .box = box, .top = box.y + head, .count = count, .margin = margin};
	put_edge(picture, &picture->boxes[level - 1], &box);
	if (title.len)
		put_box(picture, &box, "network", title, note);
	picture->boxes[level] = box;
	grow(picture, &box);
}

static void put_network(struct picture *picture, size_t level, struct json_object *network,
    struct json_object *interface)
{
	struct slice title = field_text_of(network, "network"),
		     gateway = field_text_of(interface, "gateway");
	struct json_object *addresses = field_get(network, "addresses");
	char text[TEXT_MAX];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	for (size_t i = 0; i < field_length(addresses); i++)
		add_note(&w, i ? "" : "as ", field_text(field_entry(addresses, i)));
	if (interface_record_contains(title, gateway))
		add_note(&w, "gateway ", gateway);
	open_panel(picture, level, network, title, writer_result(&w));
}

/* The next place in the panel. */
static struct box next_place(struct picture *picture)
{
	struct panel *panel = &picture->panel;
	int columns = picture->geometry->columns, index = (int)panel->placed++;
	int width = picture->geometry->narrow ? panel->box.width - 2 * panel->margin
					      : picture->geometry->node_width;

	return (struct box){
	    .x = panel->box.x + panel->margin + index % columns * (width + GAP),
	    .y = panel->top + index / columns * (NODE_HEIGHT + GAP),
	    .width = width,
	    .height = NODE_HEIGHT,
	};
}

static void put_chip(struct picture *picture, struct json_object *device)
{
	struct box box = next_place(picture);
	struct slice type = html_type_name(field_text_of(device, "type"));
	struct slice name = field_text_of(device, "name"), address = device_record_address(device);
	char path[TEXT_MAX * 3], text[TEXT_MAX];
	bool quiet = slice_equal(field_text_of(device, "kind"), SLICE("neighbour"));
	struct writer w;

	writer_init(&w, path, sizeof(path));
	html_device_path(field_text_of(device, "id"), &w);
	html_markup(picture->html, "<a");
	html_attribute(picture->html, "href", writer_result(&w));
	html_markup(picture->html, ">");
	writer_init(&w, text, sizeof(text));
	add_note(&w, "", slice_equal(name, address) ? SLICE_NONE : address);
	add_note(&w, "", html_fitting(type, 60));
	put_box(picture, &box, quiet ? "chip quiet" : "chip", name, writer_result(&w));
	html_markup(picture->html, "</a>");
}

static void put_device(struct picture *picture, const struct map_walk *walk)
{
	const struct map_level *level = &walk->levels[walk->depth - 1];
	struct panel *panel = &picture->panel;
	char text[64];
	struct writer w;

	if (panel->owner != level[-1].object)
		open_panel(picture, walk->depth - 1, level[-1].object, SLICE_NONE, SLICE_NONE);
	size_t total = field_length(field_get(level[-1].object, "devices"));
	if (panel->placed + 1 < panel->count ||
	    (panel->placed < panel->count && panel->count == total)) {
		put_chip(picture, level->object);
	} else if (panel->placed < panel->count) {
		writer_init(&w, text, sizeof(text));
		writer_format(&w, "and %zu more", total - panel->placed);
		struct box box = next_place(picture);
		html_markup(picture->html, "<a href=\"/?sort=address\">");
		put_box(picture, &box, "chip quiet", writer_result(&w), SLICE("in the list"));
		html_markup(picture->html, "</a>");
	}
}

static void put_root(struct picture *picture, struct json_object *root)
{
	struct slice name = field_text_of(root, "name");

	put_node(picture, 0, "node host", name.len ? name : SLICE("this host"),
	    name.len ? SLICE("this host") : SLICE_NONE);
}

static void walk_tree(struct picture *picture, struct json_object *tree)
{
	struct map_walk walk;

	picture->bottom = MARGIN;
	map_walk_init(&walk, tree);
	do {
		size_t level = walk.depth - 1;
		struct json_object *object = walk.levels[level].object;
		switch (walk.levels[level].kind) {
		case MAP_ROOT:
			put_root(picture, object);
			break;
		case MAP_INTERFACE:
			put_interface(picture, level, object);
			break;
		case MAP_NETWORK:
			put_network(picture, level, object, walk.levels[level - 1].object);
			break;
		case MAP_DEVICE:
			put_device(picture, &walk);
			break;
		}
	} while (map_walk_next(&walk));
}

static void put_picture(
    const struct geometry *geometry, struct json_object *tree, struct html *html)
{
	struct html nothing = {.out = NULL};
	struct picture measured = {.geometry = geometry, .html = &nothing};
	struct picture picture = {.geometry = geometry, .html = html};

	walk_tree(&measured, tree);
	html_format(html,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"map %s\" width=\"%d\" "
	    "height=\"%d\" viewBox=\"0 0 %d %d\" fill=\"#555\" font-family=\"sans-serif\" "
	    "font-size=\"13\" role=\"group\" aria-label=\"Map\">\n",
	    geometry->class, measured.right, measured.bottom, measured.right, measured.bottom);
	walk_tree(&picture, tree);
	html_markup(html, "</svg>\n");
}

void html_map(const struct html_page *page, struct json_object *status,
    struct json_object *interfaces, struct json_object *devices, struct html *html)
{
	struct json_object *tree = map_tree_new(status, interfaces, devices, false);

	html_page_begin(page, html);
	html_markup(html, "<h1>Map</h1>\n<div class=\"picture\" tabindex=\"0\" role=\"region\" "
			  "aria-label=\"Map\">\n");
	put_picture(&WIDE, tree, html);
	put_picture(&NARROW, tree, html);
	html_markup(html, "</div>\n");
	html_page_end(html);
	json_object_put(tree);
}

void html_map_svg(struct json_object *status, struct json_object *interfaces,
    struct json_object *devices, struct html *html)
{
	struct json_object *tree = map_tree_new(status, interfaces, devices, false);

	html_markup(html, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			  "<?xml-stylesheet type=\"text/css\" href=\"/page.css\"?>\n");
	put_picture(&WIDE, tree, html);
	json_object_put(tree);
}
