package pipelines_test

import (
	"fmt"
	"time"

	"github.com/rightseat/rightseat/pipelines"
)

// A job in the hour that daylight saving skips runs right after the change.
func ExampleParseCron() {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		fmt.Println(err)
		return
	}
	cron, err := pipelines.ParseCron("30 2 * * *", berlin)
	if err != nil {
		fmt.Println(err)
		return
	}
	at := time.Date(2026, 3, 28, 0, 0, 0, 0, berlin)
	for range 3 {
		at = cron.Next(at)
		fmt.Println(at.In(berlin).Format("Mon 02 Jan 15:04 MST"))
	}
	// Output:
	// Sat 28 Mar 02:30 CET
	// Sun 29 Mar 03:00 CEST
	// Mon 30 Mar 02:30 CEST
}
