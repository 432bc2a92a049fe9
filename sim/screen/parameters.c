#include "sim/screen/parameters.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/base.h"
#include "sim/screen/names.h"
#include "sim/screen/screen.h"

char *parameters_text(const char *params, int width, char *buffer, size_t size) {
    json_t *object = json_loads(params, 0, NULL), *value;
    const char *key;
    size_t used = 0;
    buffer[0] = '\0';
    json_object_foreach(object, key, value) {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
        const char *plain = json_is_string(value) ? json_string_value(value) : text;
        if (plain != NULL && used < size)
            used += (size_t)snprintf(buffer + used, size - used, "%s%s=%s", used > 0 ? " " : "",
                                     key, strchr(plain, '/') != NULL ? file_name(plain) : plain);
        free(text);
    }
    json_decref(object);
    if (width > 5 && text_width(buffer) > width) {
        char *cut = buffer;
        for (int column = 0; column < width - 2; column++)
            while (((unsigned char)*++cut & 0xc0) == 0x80)
                ;
        strcpy(cut, "..");
    }
    return buffer;
}
