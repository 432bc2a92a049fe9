/* The tile registers of AMX; for files compiled with it. Private to crossbar/. */
#ifndef MHO_CROSSBAR_TILE_REGISTERS_H
#define MHO_CROSSBAR_TILE_REGISTERS_H

#include <immintrin.h>
#include <stdint.h>

/* Takes all eight registers of this thread as 16 rows of 64 bytes; _tile_release gives them back.
 * The layout is that of LDTILECFG's operand. */
static inline void tile_registers_take(void) {
    struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t row_bytes[16];
        uint8_t rows[16];
    } __attribute__((packed)) config = {.palette = 1};
    for (int i = 0; i < 8; i++) {
        config.row_bytes[i] = 64;
        config.rows[i] = 16;
    }
    _tile_loadconfig(&config);
}

#endif
