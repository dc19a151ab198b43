#include "store/sink_ops.h"

const struct sink_kind *const sink_kinds[] = { &sink_folder, NULL };
