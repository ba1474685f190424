// SPDX-License-Identifier: ISC
// Lists the devices that discoverd knows, or follows them with -watch; needs github.com/varlink/go.
//
// In Debian: apt install golang-go golang-github-varlink-go-dev
// GO111MODULE=off GOPATH=/usr/share/gocode go run devices.go
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/varlink/go/varlink"
)

// Device has the keys that this program uses; io.discoverd.varlink lists all of them.
type Device struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Addresses []struct {
		Address string `json:"address"`
	} `json:"addresses"`
	Endpoints []struct {
		Protocol string `json:"protocol"`
		Services []struct {
			Type string `json:"type"`
		} `json:"services"`
	} `json:"endpoints"`
}

// String gives a device as one line: its name, its addresses and what it offers.
func (d Device) String() string {
	words := []string{d.Name}
	for _, place := range d.Addresses {
		words = append(words, place.Address)
	}
	for _, endpoint := range d.Endpoints {
		for _, service := range endpoint.Services {
			words = append(words, service.Type)
		}
	}
	return strings.Join(words, "  ")
}

// call calls a method that gives several replies, and hands the parameters of each to take.
func call(address, method string, parameters interface{}, take func(json.RawMessage) error) error {
	ctx := context.Background()
	connection, err := varlink.NewConnection(ctx, address)
	if err != nil {
		return err
	}
	defer connection.Close()
	receive, err := connection.Send(ctx, "io.discoverd."+method, parameters, varlink.More)
	if err != nil {
		return err
	}
	for flags := uint64(varlink.Continues); flags&varlink.Continues != 0; {
		var reply json.RawMessage
		if flags, err = receive(ctx, &reply); err != nil {
			return err
		}
		if err = take(reply); err != nil {
			return err
		}
	}
	return nil
}

// printDevices prints one batch of List.
func printDevices(reply json.RawMessage) error {
	var batch struct{ Devices []Device }
	if err := json.Unmarshal(reply, &batch); err != nil {
		return err
	}
	for _, device := range batch.Devices {
		fmt.Println(device)
	}
	return nil
}

// printEvent prints one reply of Monitor. The snapshot comes first; a null event says that it is complete.
func printEvent(reply json.RawMessage) error {
	var event struct {
		Event   *string
		Device  *Device
		Changed []string
	}
	if err := json.Unmarshal(reply, &event); err != nil {
		return err
	}
	switch {
	case event.Event == nil:
		fmt.Println("-- all devices are listed; changes follow")
	case event.Device == nil:
		fmt.Println("-- events were lost: forget everything; all devices follow again")
	case len(event.Changed) > 0:
		fmt.Printf("%s  %s  (%s)\n", *event.Event, event.Device, strings.Join(event.Changed, ", "))
	default:
		fmt.Printf("%s  %s\n", *event.Event, event.Device)
	}
	return nil
}

func main() {
	path := os.Getenv("DISCOVERD_SOCKET")
	if path == "" {
		path = "/run/discoverd/io.discoverd"
	}
	watch := flag.Bool("watch", false, "follow the changes")
	flag.Parse()
	var err error
	if *watch {
		err = call("unix:"+path, "Monitor", map[string]bool{"snapshot": true}, printEvent)
	} else {
		err = call("unix:"+path, "List", struct{}{}, printDevices)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "devices.go: %s: %v\n", path, err)
		os.Exit(1)
	}
}
