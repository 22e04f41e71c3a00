-- Nobody looks at what is suspended.
local actions = {}
actions["refresh"] = {
  ["disabled"] = obj.spec.suspend == true,
  ["displayName"] = "Verify all stores now, with new credentials",
  ["iconClass"] = "fa fa-fw fa-redo"
}
return actions
