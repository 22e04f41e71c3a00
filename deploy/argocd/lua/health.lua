-- Both kinds. Ready says whether consumers are served; what is being tried again is no reason to fail a sync.
if obj.spec.suspend then
  return { status = "Suspended", message = "spec.suspend is true: set it to false to resume" }
end

local status = obj.status or {}
local found = {}
for _, condition in ipairs(status.conditions or {}) do
  found[condition.type] = condition
end
local ready, reconciling, stalled = found["Ready"], found["Reconciling"], found["Stalled"]

local function say(condition)
  return condition.reason .. ": " .. condition.message
end

if ready == nil or status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "waiting for the operator to work on the spec" }
end
if stalled ~= nil and stalled.status == "True" then
  return { status = "Degraded", message = say(stalled) }
end
local isReconciling = reconciling ~= nil and reconciling.status == "True"
if ready.status == "True" then
  if isReconciling then
    return { status = "Healthy", message = ready.message .. "; " .. say(reconciling) }
  end
  return { status = "Healthy", message = ready.message }
end
if isReconciling then
  return { status = "Progressing", message = say(reconciling) }
end
if ready.status == "False" then
  return { status = "Degraded", message = say(ready) }
end
return { status = "Progressing", message = say(ready) }
