// Inner loops for any CPU of the architecture: SSE2 on x86-64, NEON on aarch64.
#include "../inner/screen-float32.h"
#include "../inner/table.h"

RESEED_PATH(baselinePath, "baseline", float32Screen, float32Screen)
