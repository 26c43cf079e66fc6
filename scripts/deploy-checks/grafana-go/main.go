// Reads dashboards as Grafana does, with the types made from its own schemas: a panel, an option or
// a unit that they do not have is an error, where Grafana itself would pass over it in silence.
//
//	grafana-go FILE...
package main

import (
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	// Kinds of panels and of queries, each with options of its own.
	plugins.RegisterDefaultPlugins()
	failed := false
	for _, path := range os.Args[1:] {
		if err := read(path); err != nil {
			failed = true
			fmt.Fprintf(os.Stderr, "%s:\n%v\n", path, err)
		}
	}
	if failed {
		os.Exit(1)
	}
}

func read(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	found := dashboard.Dashboard{}
	// A list of errors that is empty is an error, too, as far as Go is concerned.
	if err := found.UnmarshalJSONStrict(content); err != nil && err.Error() != "" {
		return err
	}
	if err := found.Validate(); err != nil && err.Error() != "" {
		return err
	}
	return nil
}
