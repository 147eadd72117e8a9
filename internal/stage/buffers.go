package stage

import "github.com/rollcall/rollcall/internal/reuse"

// buffers are encoded chunks.
var buffers reuse.Pool[[]byte] //nolint:gochecknoglobals // memory only
