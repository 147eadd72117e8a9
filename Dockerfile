# The worker and the starter, as the same static binaries that `make build` makes.
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN make build

FROM gcr.io/distroless/static-debian12:nonroot-amd64
COPY --from=build /src/build/worker /src/build/starter /usr/local/bin/
# ROLLCALL_HOME holds the SQLite database and the local key: mount a volume here.
ENV ROLLCALL_HOME=/var/lib/rollcall
VOLUME /var/lib/rollcall
ENTRYPOINT ["/usr/local/bin/worker"]
