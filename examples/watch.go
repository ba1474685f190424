// SPDX-License-Identifier: ISC
// Prints which devices come and go, also when discoverd is restarted meanwhile; needs the standard library only.
//
// go run watch.go
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"time"
)

const monitor = `{"method":"io.discoverd.Monitor","parameters":{"snapshot":true},"more":true}` + "\x00"

// Reply has the keys of a reply to Monitor that this program uses; io.discoverd.varlink lists all of them.
type Reply struct {
	Error      string
	Parameters struct {
		Event  *string
		Device *struct {
			ID, Name  string
			Addresses []struct{ Address string }
		}
	}
}

var known = map[string]string{} // a line about each device that is there, by its id

// take prints what one reply changes; seen holds the ids of the snapshot that is read or was read last.
func take(seen map[string]bool, reply Reply) {
	event, device := reply.Parameters.Event, reply.Parameters.Device
	switch {
	case event == nil: // the snapshot is complete: what it lacks is gone
		for id, line := range known {
			if !seen[id] {
				fmt.Println("-", line)
				delete(known, id)
			}
		}
	case device == nil: // events were lost; another snapshot follows
		for id := range seen {
			delete(seen, id)
		}
	case *event == "removed":
		fmt.Println("-", known[device.ID])
		delete(known, device.ID)
	default:
		line := device.Name
		for _, place := range device.Addresses {
			line += " " + place.Address
		}
		if _, isKnown := known[device.ID]; !isKnown {
			fmt.Println("+", line)
		}
		known[device.ID], seen[device.ID] = line, true
	}
}

// follow takes each reply, until the connection ends. A message is a JSON object and a NUL byte.
func follow(path string) error {
	connection, err := net.Dial("unix", path)
	if err != nil {
		return err
	}
	defer connection.Close()
	fmt.Fprint(connection, monitor)
	seen := map[string]bool{}
	for received := bufio.NewReader(connection); ; {
		message, err := received.ReadBytes(0)
		if err != nil {
			return err
		}
		var reply Reply
		if err = json.Unmarshal(message[:len(message)-1], &reply); err != nil {
			return err
		}
		if reply.Error != "" {
			return fmt.Errorf("%s", reply.Error)
		}
		take(seen, reply)
	}
}

func main() {
	path := os.Getenv("DISCOVERD_SOCKET")
	if path == "" {
		path = "/run/discoverd/io.discoverd"
	}
	for {
		fmt.Fprintf(os.Stderr, "watch.go: %s: %v\n", path, follow(path))
		time.Sleep(time.Second)
	}
}
