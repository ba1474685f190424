// SPDX-License-Identifier: ISC
// A client of another hand for the control socket: Debian's golang-github-varlink-go-dev.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/varlink/go/varlink"
)

// usage: varlink_client ADDRESS info | describe INTERFACE | call METHOD PARAMETERS | more METHOD PARAMETERS REPLIES
func main() {
	ctx := context.Background()
	c, err := varlink.NewConnection(ctx, os.Args[1])
	check(err)
	switch os.Args[2] {
	case "info":
		var vendor, product, version, url string
		var interfaces []string
		check(c.GetInfo(ctx, &vendor, &product, &version, &url, &interfaces))
		fmt.Println(vendor, product, version, interfaces)
	case "describe":
		text, err := c.GetInterfaceDescription(ctx, os.Args[3])
		check(err)
		fmt.Print(text)
	case "call":
		var reply json.RawMessage
		check(c.Call(ctx, os.Args[3], json.RawMessage(os.Args[4]), &reply))
		fmt.Println(string(reply))
	case "more":
		receive, err := c.Send(ctx, os.Args[3], json.RawMessage(os.Args[4]), varlink.More)
		check(err)
		for flags := uint64(varlink.Continues); flags&varlink.Continues != 0; {
			var reply json.RawMessage
			flags, err = receive(ctx, &reply)
			check(err)
			fmt.Println(string(reply))
		}
	}
}

func check(err error) {
	if e, ok := err.(*varlink.Error); ok {
		fmt.Println("error", e.Name)
		os.Exit(1)
	}
	if err != nil { // the library has types of its own for org.varlink.service
		fmt.Printf("error %T %v\n", err, err)
		os.Exit(1)
	}
}
