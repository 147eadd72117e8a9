package stage

import "github.com/rollcall/rollcall/internal/reuse"

// buffers is a pool of memory for encoded chunks.
var buffers reuse.Pool[[]byte] //nolint:gochecknoglobals // memory only
