// SPDX-License-Identifier: ISC
// Prints which devices come and go, until discoverd ends; needs the standard library only: go run watch.go
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"
)

func main() {
	path := os.Getenv("DISCOVERD_SOCKET")
	if path == "" {
		path = "/run/discoverd/io.discoverd"
	}
	connection, err := net.Dial("unix", path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprint(connection, `{"method":"io.discoverd.Monitor","parameters":{"snapshot":true},"more":true}`+"\x00")
	signs := map[string]string{"added": "+", "removed": "-"}
	for messages := bufio.NewReader(connection); ; { // each is a JSON object and a NUL byte
		var reply struct {
			Parameters struct {
				Event  string
				Device struct {
					Name      string
					Addresses []struct{ Address string }
				}
			}
		}
		message, err := messages.ReadBytes(0)
		if err != nil || json.Unmarshal(message[:len(message)-1], &reply) != nil {
			log.Fatal("discoverd has ended the connection: ", err)
		}
		if sign := signs[reply.Parameters.Event]; sign != "" {
			line := sign + " " + reply.Parameters.Device.Name
			for _, place := range reply.Parameters.Device.Addresses {
				line += " " + place.Address
			}
			fmt.Println(line)
		}
	}
}
