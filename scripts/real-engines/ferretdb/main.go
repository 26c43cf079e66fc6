// Command ferretdb serves MongoDB's protocol on one address, with SQLite files in one folder.
//
// FerretDB's own command wants files that its release builds generate and its module leaves out;
// the package that it offers for embedding needs none. With the files of a certificate and its key
// it speaks TLS.
package main

import (
	"context"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	var listener ferretdb.ListenerConfig
	switch len(os.Args) {
	case 3:
		listener = ferretdb.ListenerConfig{TCP: os.Args[1]}
	case 5:
		listener = ferretdb.ListenerConfig{
			TLS: os.Args[1], TLSCertFile: os.Args[3], TLSKeyFile: os.Args[4],
		}
	default:
		log.Fatalf("usage: %s HOST:PORT FOLDER [CERTIFICATE KEY]", os.Args[0])
	}
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  listener,
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Handler:   "sqlite",
		SQLiteURL: "file:" + os.Args[2] + "/",
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := server.Run(ctx); err != nil {
		log.Fatal(err)
	}
}
