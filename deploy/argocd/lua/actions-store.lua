-- Nobody looks at what is suspended.
local actions = {}
actions["verify"] = {
  ["disabled"] = obj.spec.suspend == true,
  ["displayName"] = "Verify now",
  ["iconClass"] = "fa fa-fw fa-check"
}
return actions
